"""JSON lines: our schema, BEIR's, and every way a line can be wrong."""

import gzip

import pytest

from core.library.readers import jsonl
from core.types import Document, Rejected

GOOD = b'{"title": "T", "text": "x"}'


def read(tmp_path, content):
    path = tmp_path / "cards.jsonl"
    path.write_bytes(content)
    return list(jsonl.read(path))


def test_that_every_documented_key_is_read(tmp_path):
    line = (
        b'{"id": "card-1", "pmid": 123, "doi": "https://doi.org/10.1000/A", "pmcid": "PMC9", "title": "T", '
        b'"authors": ["Doe, Jane"], "journal": "J", "year": "2019", "publication_types": ["Review"], '
        b'"mesh": ["Asthma"], "language": "eng", '
        b'"abstract": [{"label": "AIM", "text": "One."}, {"text": "Two."}], '
        b'"keywords": ["wheeze"], "retracted": true, "concern": true, "corrected": null, "colour": "red"}'
    )
    (document,) = read(tmp_path, line)
    assert (document.external_id, document.pmid, document.doi, document.pmcid) == (
        "card-1",
        "123",
        "10.1000/a",
        "PMC9",
    )
    assert (document.title, document.authors, document.journal, document.year) == (
        "T",
        ("Doe, Jane",),
        "J",
        2019,
    )
    assert (document.publication_types, document.mesh, document.language) == (("Review",), ("Asthma",), "eng")
    assert [(s.label, document.text[s.start : s.end]) for s in document.sections] == [
        ("AIM", "One."),
        ("", "Two."),
    ]
    assert (document.keywords, document.sources) == (("wheeze",), ("cards.jsonl",))
    assert (document.retracted, document.concern, document.corrected) == (True, True, False)


def test_that_a_beir_id_of_digits_is_not_taken_for_a_pmid(tmp_path):
    (document,) = read(tmp_path, b'{"_id": "4983", "title": "T", "text": "x", "metadata": {}}')
    assert (document.external_id, document.pmid, document.text) == ("4983", None, "x")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"title": 3}', "title: expected text, got a number"),
        (b'{"title": "T", "year": [1]}', "year: expected a number or text, got a list"),
        (b'{"title": "T", "year": 99999}', "year: '99999' is not a year"),
        (b'{"title": "T", "pmid": "PMC1"}', "pmid: 'PMC1' is not a PubMed number"),
        (b'{"abstract": [{"label": "A"}]}', "abstract[0]: text is missing"),
        (b"[1]", "the line: expected an object, got a list"),
        (b'{"title": "T"', "the line is not valid JSON"),
        (b'{"title": "\xe4"}', "the line is not in UTF-8"),
        (b'{"pmid": "1"}', "neither a title nor any text"),
        (b'{"x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested too deeply"),
    ],
)
def test_that_a_bad_line_is_reported_with_its_number_in_plain_words_and_the_next_is_read(
    tmp_path, line, reason
):
    found = read(tmp_path, b"\n".join([GOOD, b"", line, GOOD]))
    assert [type(record) for record in found] == [Document, Rejected, Document]
    assert found[1].record == 3
    assert reason in found[1].reason
    assert found[1].file.endswith("cards.jsonl")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_that_byte_order_marks_and_line_ends_do_not_matter(tmp_path, encoding, end):
    lines = end.join(['{"title": "Größe"}', '{"title": "B"}']) + end
    assert [document.title for document in read(tmp_path, lines.encode(encoding))] == ["Größe", "B"]


def test_that_a_compressed_file_is_read(tmp_path):
    assert [document.title for document in read(tmp_path, gzip.compress(GOOD))] == ["T"]


def test_that_a_file_that_breaks_off_is_reported(tmp_path):
    content = gzip.compress(b"\n".join([GOOD, *(b'{"title": "%d"}' % n for n in range(50_000))]))[:-4000]
    found = read(tmp_path, content)
    assert isinstance(found[0], Document)
    assert isinstance(found[-1], Rejected)
    broken = read(tmp_path, '{"title": "A"}\n'.encode("utf-16") + b"\xd8")
    assert [type(record) for record in broken] == [Document, Rejected]
