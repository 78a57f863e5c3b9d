"""Plain text and Markdown: title, paragraphs, encodings, and files that are no text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.readers import markdown, plain_text
from core.library.readers.formats import Head
from core.library.readers.plain_text import decoded
from core.library.readers.streams import READ_ERRORS
from core.types import Document, Rejected


def read(reader, path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (record,) = reader.read(path)
    return record


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        ("On pain\n\nOne\ntwo.\n\n\nThree.", "On pain", "One two.\n\nThree."),
        ("On pain\r\nIt hurts.", "On pain", "It hurts."),
        ("A sentence that\ngoes on.", "notes", "A sentence that goes on."),
        ("A sentence.\n\nAnother.", "notes", "A sentence.\n\nAnother."),
        ("word " * 60 + "\n\nMore.", "notes", ("word " * 60).strip() + "\n\nMore."),
        ("Only this", "notes", "Only this"),
    ],
)
def test_that_a_short_first_line_that_stands_alone_is_the_title(tmp_path, content, title, text):
    document = read(plain_text, tmp_path / "notes.txt", content)
    assert (document.title, document.text) == (title, text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_that_letters_are_right_in_whatever_encoding(tmp_path, encoding):
    content = "na\u00efve \u201cquote\u201d".encode(encoding)
    assert read(plain_text, tmp_path / "a.txt", content).text == "na\u00efve \u201cquote\u201d"


@pytest.mark.parametrize("content", [bytes(range(256)) * 4, b"text\0\0\0\0 with zeros", b" \n "])
def test_that_what_is_no_text_is_reported(tmp_path, content):
    assert isinstance(read(plain_text, tmp_path / "a.txt", content), Rejected)


@pytest.mark.parametrize(
    ("name", "content", "plain", "marked"),
    [
        ("a.txt", b"words", True, False),
        ("README", b"words", True, False),
        ("a.md", b"words", False, True),
        ("a.csv", b"words", False, False),
        ("a.txt", b"\x00\x01\x02", False, False),
        ("a.md", b"\x00\x01\x02", False, False),
    ],
)
def test_that_only_text_under_a_name_of_text_is_taken(tmp_path, name, content, plain, marked):
    head = Head(tmp_path / name, content, content)
    assert (plain_text.FORMAT.matches(head), markdown.FORMAT.matches(head)) == (plain, marked)


def test_that_headings_of_markdown_are_sections_and_tables_are_rows(tmp_path):
    content = "# On pain\n\nFirst *words*.\n\n## Methods\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    document = read(markdown, tmp_path / "a.md", content)
    assert document.title == "On pain"
    assert [(s.label, document.text[s.start : s.end]) for s in document.sections] == [
        ("", "First words."),
        ("Methods", "one\n\ntwo\n\na | b\n\n1 | 2"),
    ]


def test_that_what_stands_before_the_text_describes_it(tmp_path):
    front = (
        "---\ntitle: 'On: pain'\nauthors:\n  - Doe, J\n  - \"Roe, R\"\ndate: 2020-05-01\ndoi: 10.1000/X\n"
        "keywords: [a, 'b']\nother:\n  nested: x\n---\n"
    )
    document = read(markdown, tmp_path / "a.md", front + "# Part\n\nText.")
    assert (document.title, document.authors, document.year) == ("On: pain", ("Doe, J", "Roe, R"), 2020)
    assert (document.doi, document.keywords) == ("10.1000/x", ("a", "b"))
    assert document.sections[0].label == "Part"
    assert "nested" not in document.text


def test_that_html_in_markdown_is_read_and_its_scripts_are_not(tmp_path):
    document = read(
        markdown, tmp_path / "a.md", "One <b>bold</b> word.\n\n<script>no()</script>\n\n<div>Two</div>"
    )
    assert document.text == "One bold word.\n\nTwo"


def test_that_a_rule_at_the_top_is_no_description(tmp_path):
    assert read(markdown, tmp_path / "a.md", "---\n\nText: of it.").text == "Text: of it."


@given(st.text(max_size=200))
def test_that_every_text_is_read_as_it_was_written(text):
    encoded = text.encode("utf-8", "replace")
    try:
        assert decoded(encoded) == encoded.decode("utf-8-sig")
    except ValueError:
        assert any(ord(character) < 32 for character in text)
    except AssertionError:
        assert encoded[:2] in (b"\xff\xfe", b"\xfe\xff")


@given(st.binary(max_size=400))
def test_that_any_bytes_are_a_document_or_a_reason(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.md"
    for reader in (plain_text, markdown):
        try:
            assert isinstance(read(reader, path, content), Document | Rejected)
        except READ_ERRORS:
            assert content[:2] == b"\x1f\x8b"  # gzip that is none
