"""SciFact is read in both layouts it is published in, and told from files that are not it."""

import json

import pytest

from core.errors import InputUnreadable
from core.evaluation.scifact import Judged, closest, read_judged

ABSTRACT = ["Zinc was given to adults.", "Zinc shortened colds by a day.", "No harm was seen."]
FIRST_TWO = "Zinc was given to adults. Zinc shortened colds by a day."
EXPECTED = [
    Judged("Zinc shortens colds.", "Zinc shortened colds by a day.", "supported", "7"),
    Judged("Zinc harms adults.", "Zinc was given to adults. No harm was seen.", "contradicted", "7"),
    Judged("Zinc cures adults of warts.", FIRST_TWO, "unsupported", "7"),
]


def as_lines(folder):
    evidence = (
        {"7": [{"sentences": [1], "label": "SUPPORT"}]},
        {"7": [{"sentences": [0, 2], "label": "CONTRADICT"}]},
        {},
    )
    claims = [
        {"id": at, "claim": right.claim, "evidence": found, "cited_doc_ids": [7]}
        for at, (right, found) in enumerate(zip(EXPECTED, evidence, strict=True))
    ]
    document = {"doc_id": 7, "title": "Zinc", "abstract": ABSTRACT, "structured": False}
    (folder / "corpus.jsonl").write_text(json.dumps(document) + "\n", "utf-8")
    path = folder / "claims_dev.jsonl"
    path.write_text("".join(json.dumps(claim) + "\n" for claim in claims), "utf-8")
    return path


def as_table(folder):
    printed = "[" + "\n ".join(repr(sentence) for sentence in ABSTRACT) + "]"
    (folder / "corpus.csv").write_text(
        f'doc_id,title,abstract,structured\n7,Zinc,"{printed}",False\n', "utf-8"
    )
    path = folder / "claims_validation.csv"
    path.write_text(
        "id,claim,evidence_doc_id,evidence_label,evidence_sentences,cited_doc_ids\n"
        "1,Zinc shortens colds.,7,SUPPORT,[1],[7]\n"
        "2,Zinc harms adults.,7,CONTRADICT,[0 2],[7]\n"
        "3,Zinc cures adults of warts.,,,[],[7]\n",
        "utf-8",
    )
    return path


@pytest.mark.parametrize("layout", [as_lines, as_table])
def test_that_both_layouts_give_the_same_claims(tmp_path, layout):
    assert read_judged(layout(tmp_path)) == EXPECTED


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("claims_dev.jsonl", ""),
        ("claims_dev.jsonl", "{"),
        ("claims_dev.jsonl", '{"id": 1, "claim": "x"}\n'),
        ("claims_dev.jsonl", '{"id": 1, "claim": "x", "evidence": {}, "cited_doc_ids": [8]}\n'),
        (
            "claims_dev.jsonl",
            '{"id": 1, "claim": "x", "evidence": {"7": [{"sentences": [9], "label": "SUPPORT"}]}}\n',
        ),
        (
            "claims_dev.jsonl",
            '{"id": 1, "claim": "x", "evidence": {"7": [{"sentences": [0], "label": "MAYBE"}]}}\n',
        ),
    ],
)
def test_that_other_files_are_refused_in_words(tmp_path, name, content):
    as_lines(tmp_path)
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(InputUnreadable) as refused:
        read_judged(tmp_path / name)
    assert "corpus" in refused.value.hint


def test_that_a_missing_corpus_is_named(tmp_path):
    path = as_table(tmp_path)
    (tmp_path / "corpus.csv").unlink()
    with pytest.raises(InputUnreadable, match=r"corpus\.csv"):
        read_judged(path)


def test_that_the_sentence_that_shares_most_words_comes_first():
    assert closest("Zinc shortens colds.", ABSTRACT)[0] == 1


@pytest.mark.shared
def test_that_the_published_claims_are_all_read(shared):
    found = read_judged(shared / "scifact" / "claims_validation.csv")
    counts = {
        label: sum(item.label == label for item in found)
        for label in ("supported", "contradicted", "unsupported")
    }
    assert counts == {"supported": 216, "contradicted": 122, "unsupported": 114}
    assert all(item.evidence for item in found)
