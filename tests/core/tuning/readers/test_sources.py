"""Files of pairs as people bring them: told by content, refused in one sentence, bad records reported."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DataUnusable
from core.paths import Home
from core.settings import Settings, write_settings
from core.tuning.collected import Collected, CollectedPairs
from core.tuning.pairs import Evidence, Pair
from core.tuning.readers.detect import detect
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source
from core.types import Rejected

LINE = {"question": "Does it rain?", "answer": "It does."}
PUBMEDQA = {"123": {"QUESTION": "Does it rain?", "CONTEXTS": ["Wet."], "final_decision": "yes"}}
BIOASQ = {"questions": [{"body": "Does it rain?", "type": "summary", "ideal_answer": ["It does."]}]}
COLLECTED = {"question": "Does it rain?", "answer": "It does.", "evidence": []}
FORMATS = [
    ("pubmedqa", json.dumps(PUBMEDQA)),
    ("pubmedqa", json.dumps(PUBMEDQA, indent=2)),
    ("bioasq", json.dumps(BIOASQ)),
    ("bioasq", json.dumps({"username": "me", **BIOASQ}, indent=1)),
    ("medqa", json.dumps(LINE) + "\n" + json.dumps(LINE) + "\n"),
    ("medqa", json.dumps([LINE, LINE], indent=1)),
    ("collected", json.dumps(COLLECTED) + "\n"),
    ("csv", "question,answer\nDoes it rain?,It does.\n"),
    ("csv", "question\tanswer\rDoes it rain?\tIt does.\r"),
    ("csv", "Frage;answer;question\n1;It does.;Does it rain?\n"),
]
REFUSED = [
    (b"", "is empty"),
    (b" \n \n", "is empty"),
    (b"GGUF\x03\x00\x00\x00", "is a GGUF model"),
    (b"PK\x03\x04rest", "ZIP archive or an Excel workbook"),
    (b"%PDF-1.7", "is a PDF"),
    (bytes(range(256)) * 20, "is a binary file"),
    (b"<?xml version='1.0'?><PubmedArticleSet/>", "not questions with answers"),
    (b"just some words", "no format that training can read"),
    (b'{\n "123": "yes"\n}', "no format that training can read"),
    (b"a,b\n1,2\n", "no column with a question or with an answer; its columns are: a, b"),
]


def read(path: Path, **choices: object) -> list[Pair | Rejected]:
    return [*read_pairs(Source(str(path), **choices), Home(path.parent / "home"))]


@pytest.fixture
def file(tmp_path):
    def write(content: bytes | str, name: str = "data") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize(("kind", "content"), FORMATS)
@pytest.mark.parametrize("packed", [False, True])
def test_that_a_format_is_told_by_its_content_alone(file, kind, content, packed):
    path = file(gzip.compress(content.encode()) if packed else content)
    assert detect(path) == kind
    assert {item.question for item in read(path)} == {"Does it rain?"}


@pytest.mark.parametrize(("content", "reason"), REFUSED)
def test_that_a_file_without_pairs_is_refused_with_the_reason_and_a_remedy(file, content, reason):
    with pytest.raises(DataUnusable, match=reason) as refused:
        read(file(content))
    assert refused.value.hint.endswith(".")


def test_that_a_missing_file_a_folder_and_a_nameless_source_are_refused(tmp_path):
    for source, reason in (
        (Source(str(tmp_path / "none.csv")), "does not exist"),
        (Source(str(tmp_path)), "is a folder"),
        (Source(), "names no file"),
        (Source(format="collected"), "No answers have been collected yet"),
    ):
        with pytest.raises(DataUnusable, match=reason):
            [*read_pairs(source, Home(tmp_path / "home"))]


def test_that_the_checks_also_hold_for_a_format_that_was_named(file):
    with pytest.raises(DataUnusable, match="is a GGUF model"):
        read(file(b"GGUF...."), format="csv")


def collected(kind: str, number: int, answer: str) -> Collected:
    evidence = (Evidence("T", "7", (("", "It is wet."),)),)
    return Collected(str(number), kind, f"Does it rain on day {number}?", answer, "", evidence, "m", "2026")


def test_that_answers_rated_good_or_corrected_in_the_app_are_learned_and_no_others(tmp_path):
    home = Home(tmp_path)
    write_settings(home.settings, Settings(collect=True))
    for number, kind in enumerate(("good", "bad", "click", "corrected"), start=1):
        answer = "It does [1]." if kind in {"good", "corrected"} else ""
        assert CollectedPairs(home).keep(collected(kind, number, answer))
    found = [*read_pairs(Source(format="collected"), home)]
    assert [(pair.record, pair.answer, pair.documents) for pair in found] == [
        (1, "It does [1].", {"7"}),
        (4, "It does [1].", {"7"}),
    ]
    assert detect(CollectedPairs(home).path) == "collected"


def test_that_damaged_and_newer_lines_of_what_was_collected_are_reported(tmp_path):
    lines = [{"question": 3}, {**COLLECTED, "version": 99}, {**COLLECTED, "answer": " "}]
    path = tmp_path / "collected.jsonl"
    path.write_text("\n".join([*map(json.dumps, lines), "{"]), "utf-8")
    found = [*read_pairs(Source(format="collected"), Home(tmp_path))]
    assert [item.reason for item in found] == [
        "question: expected text, got a number",
        "it was written by a newer version of Vademecum",
        "there is no answer",
        "the line is not valid JSON (Input data was truncated)",
    ]


@pytest.mark.parametrize("content", [content for kind, content in FORMATS if kind in {"pubmedqa", "bioasq"}])
def test_that_json_that_breaks_off_keeps_what_was_complete(file, content):
    whole = json.loads(content)
    if "123" in whole:
        whole["124"] = whole["123"]
    else:
        whole["questions"] *= 2
    path = file(json.dumps(whole)[:-20])
    first, last = read(path)
    assert isinstance(first, Pair)
    assert isinstance(last, Rejected)
    assert (last.record, "breaks off" in last.reason) == (2, True)


def test_that_a_gzip_stream_that_breaks_off_keeps_what_was_complete(file):
    lines = "".join(json.dumps({**LINE, "id": str(n), "context": "x" * 50}) + "\n" for n in range(40_000))
    found = read(file(gzip.compress(lines.encode())[:-100]))
    assert sum(isinstance(item, Pair) for item in found) > 1000
    assert isinstance(found[-1], Rejected)
    assert "cannot be read from here on" in found[-1].reason


def test_that_a_context_of_50_000_tokens_is_read_whole(file):
    context = "wet " * 50_000
    for name, content in (
        ("data.csv", f'question,answer,context\nDoes it rain?,It does.,"{context}"\n'),
        ("data.jsonl", json.dumps({**LINE, "context": context})),
    ):
        (pair,) = read(file(content, name))
        assert isinstance(pair, Pair)
        assert len(pair.evidence[0].text.split()) == 50_000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), cut=st.integers(0, 200))
def test_that_any_content_gives_records_or_one_clear_refusal(file, content, cut):
    for sample in (content, *(text.encode()[:cut] + content for _, text in FORMATS)):
        try:
            found = read(file(sample))
        except DataUnusable as error:
            found = [Rejected("", 0, f"{error} {error.hint}")]
        assert all(isinstance(item, Pair) or item.reason for item in found)


@pytest.mark.shared
def test_that_all_of_pubmedqa_is_read(shared, tmp_path):
    found = [*read_pairs(Source(str(shared / "pubmedqa" / "ori_pqal.json")), Home(tmp_path))]
    assert len(found) == 1000
    assert all(isinstance(item, Pair) for item in found)
    assert {item.decision for item in found} == {"yes", "no", "maybe"}
    assert all(len(item.evidence) == 1 and item.documents == {item.id} for item in found)


@pytest.mark.shared
def test_that_all_of_bioasq_is_read(shared, tmp_path):
    files = sorted((shared / "bioasq").glob("*_golden.json"))
    found = [item for path in files for item in read_pairs(Source(str(path)), Home(tmp_path))]
    assert len(found) == 1497
    assert all(isinstance(item, Pair) and item.evidence for item in found)
    assert [item.decision in {"yes", "no"} for item in found if not item.answer] == 6 * [True]
    assert sum(item.decision != "" for item in found) == 409
    assert all(document.isdigit() for item in found for document in item.documents)
