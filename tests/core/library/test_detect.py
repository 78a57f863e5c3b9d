"""Formats are told by content, and what cannot be read is refused with a next step."""

import gzip

import pytest

from core.errors import InputUnreadable
from core.library.readers import (
    bioasq,
    detect,
    endnote,
    jsonl,
    medline,
    pubmed_xml,
    pubmedqa,
    ris,
    table,
    web_of_science,
)

EXAMPLES = [
    (b'<?xml version="1.0"?>\n<PubmedArticleSet>', pubmed_xml),
    (b"<PubmedBookArticle>", pubmed_xml),
    (b"\nPMID- 123\nOWN - NLM\n", medline),
    (b"\rPMID- 123\rOWN - NLM\r", medline),
    (b'{"1": {"QUESTION": "?", "CONTEXTS": []}}', pubmedqa),
    (b'{"title": "a"}\n', jsonl),
    (b'{\n "questions": [ {"body": "What?", "snippets": []}]}', bioasq),
    (b"1.\r\nTY - JOUR\r\nTI - a\r\nER - \r\n", ris),
    (b"TY  - JOUR\rTI  - a\rER  - \r", ris),
    (b"%0 Journal Article\n%T a\n", endnote),
    (b"FN Thomson Reuters\nVR 1.0\nPT J\nTI a\n", web_of_science),
    (b'"Title";"Abstract"\n"a";"b"\n', table),
    (b'{"_id": "1", "text": "' + b"x" * 200_000 + b'"}\n', jsonl),
]


@pytest.mark.parametrize(("content", "reader"), EXAMPLES)
@pytest.mark.parametrize("wrap", [bytes, gzip.compress, b"\xef\xbb\xbf".__add__])
def test_that_the_content_decides_and_not_the_name(tmp_path, content, reader, wrap):
    path = tmp_path / "download (1).bin"
    path.write_bytes(wrap(content))
    assert detect.find_format(path) is reader.FORMAT


def test_that_json_lines_with_a_broken_first_line_are_known_by_their_name(tmp_path):
    path = tmp_path / "cards.jsonl"
    path.write_bytes(b"oops\n")
    assert detect.find_format(path) is jsonl.FORMAT


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"<svg><path/></svg>", "no format"),
        (b"\x7fELF\x02", "no format"),
        (b'{\n  "title": "pretty printed"\n}', "no format"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
    ],
)
def test_that_an_unknown_file_is_refused_with_a_hint(tmp_path, content, message):
    path = tmp_path / "file.dat"
    path.write_bytes(content)
    with pytest.raises(InputUnreadable, match=message) as failure:
        detect.find_format(path)
    assert failure.value.hint


def test_that_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputUnreadable, match="does not exist"):
        detect.find_format(tmp_path / "nowhere.xml")
