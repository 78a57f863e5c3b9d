"""BioASQ golden files: snippets become documents, answers do not."""

import json

import pytest

from core.library.readers import bioasq, detect
from core.types import Document, Rejected


def snippet(pmid, text, start=0, section="abstract", url="http://www.ncbi.nlm.nih.gov/pubmed/"):
    return {
        "document": f"{url}{pmid}",
        "text": text,
        "beginSection": section,
        "offsetInBeginSection": start,
        "offsetInEndSection": start + len(text),
    }


def read(tmp_path, *snippets, content=None):
    path = tmp_path / "golden.json"
    questions = [
        {"body": f"Question {n}?", "id": str(n), "ideal_answer": ["An answer."], "snippets": list(each)}
        for n, each in enumerate(snippets)
    ]
    path.write_text(json.dumps({"questions": questions}) if content is None else content, "utf-8")
    return list(bioasq.read(path))


def test_that_the_snippets_of_a_pmid_are_one_document_in_their_order(tmp_path):
    one = [snippet(7, "It fell again.", 50), snippet(8, "Else."), snippet(7, "On falls", section="title")]
    two = [
        snippet("7", "It fell.", 10, url="https://pubmed.ncbi.nlm.nih.gov/"),
        snippet(7, "It fell again.", 50),
    ]
    found = read(tmp_path, one, two)
    assert [(document.pmid, document.title, document.text) for document in found] == [
        ("7", "On falls", "It fell.\n\nIt fell again."),
        ("8", "", "Else."),
    ]
    assert "answer" not in repr(found).lower()
    assert "Question" not in repr(found)


def test_that_snippets_that_overlap_become_one(tmp_path):
    whole = "It fell again and rose."
    (document,) = read(
        tmp_path, [snippet(7, whole[:13]), snippet(7, whole[8:], 8), snippet(7, whole[3:9], 3)]
    )
    assert document.text == whole


def test_that_a_snippet_from_elsewhere_is_reported(tmp_path):
    found = read(tmp_path, [], [snippet("x", "Seen."), snippet(7, "Seen.")])
    assert [type(record) for record in found] == [Rejected, Document]
    assert (found[0].record, "not in PubMed" in found[0].reason) == (2, True)


def test_that_a_question_that_cannot_be_read_is_reported(tmp_path):
    content = '{"questions": [{"body": "a", "snippets": 3}, {"body": "b", "snippets": []}, {"body'
    found = read(tmp_path, content=content)
    assert [record.record for record in found] == [1, 3]
    assert "breaks off" in found[1].reason


@pytest.mark.shared
def test_that_the_real_files_are_read_whole(shared):
    files = sorted((shared / "bioasq").glob("*.json"))
    assert all(detect.find_format(path) is bioasq.FORMAT for path in files)
    found = [record for path in files[:3] for record in bioasq.read(path)]
    assert [
        len(found),
        sum(isinstance(record, Document) and record.pmid is not None for record in found),
    ] == [
        1333,
        1333,
    ]
