"""Word files: headings, tables, notes, and what other programs leave out."""

import pytest

from core.library.readers import docx
from core.library.readers.formats import Head
from core.types import Rejected
from tests.fakes.office_files import make_docx, make_zip, paragraph


def read(tmp_path, body, **options):
    (document,) = docx.read(make_docx(tmp_path / "My paper.docx", body, **options))
    return document


def sections(document):
    return [(section.label, document.text[section.start : section.end]) for section in document.sections]


def test_that_styles_that_are_headings_by_name_by_base_or_by_level_are_sections(tmp_path):
    body = [
        paragraph("A Paper", "Ttl"),
        paragraph("Before."),
        paragraph("Methods", "U1"),
        paragraph("People", "Lvl"),
        paragraph("Ten."),
        paragraph("Results", "Own"),
        paragraph("Better."),
    ]
    document = read(tmp_path, "".join(body))
    assert document.title == "A Paper"
    assert sections(document) == [("", "Before."), ("Methods > People", "Ten."), ("Results", "Better.")]


def test_that_properties_are_kept_and_a_title_that_is_none_is_not(tmp_path):
    core = "<dc:creator>Doe, J; Roe, R</dc:creator><c:keywords>pain, rest</c:keywords>"
    core += "<dc:language>en-GB</dc:language>"
    document = read(tmp_path, paragraph("x"), core="<dc:title>Document1</dc:title>" + core)
    assert (document.title, document.language) == ("My paper", "eng")
    assert (document.authors, document.keywords) == (("Doe, J", "Roe, R"), ("pain", "rest"))
    assert read(tmp_path, paragraph("x"), core="<dc:title>Real</dc:title>").title == "Real"


def test_that_tables_are_rows_and_one_in_a_cell_is_read_once(tmp_path):
    def table(*rows):
        cells = ["".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows]
        return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"

    inner = table([paragraph("deep")])
    body = table([paragraph(""), paragraph("Men")], [paragraph("All") + inner, paragraph("7")])
    assert read(tmp_path, body).text == "| Men\n\nAll deep | 7"


def test_that_nothing_that_is_seen_in_word_is_left_out_and_nothing_is_read_twice(tmp_path):
    body = (
        "<w:p><w:r><w:t>Kept, </w:t></w:r><w:ins><w:r><w:t>inserted, </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>deleted, </w:delText></w:r></w:del><w:hyperlink><w:r><w:t>linked,</w:t></w:r>"
        "</w:hyperlink><w:r><w:tab/><w:t>10</w:t></w:r><w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr>"
        "<w:t>9</w:t></w:r></w:p><w:sdt><w:sdtContent>" + paragraph("controlled") + "</w:sdtContent></w:sdt>"
        "<w:p><w:r><AlternateContent><Choice><w:txbxContent>"
        + paragraph("boxed")
        + "</w:txbxContent></Choice>"
        "<Fallback><w:txbxContent>"
        + paragraph("boxed")
        + "</w:txbxContent></Fallback></AlternateContent></w:r></w:p>"
        "<AlternateContent><Choice>" + paragraph("chosen") + "</Choice>"
        "<Fallback>" + paragraph("chosen") + "</Fallback></AlternateContent>"
    )
    document = read(tmp_path, body, footnotes="<w:footnote>" + paragraph("Noted.") + "</w:footnote>")
    assert sections(document) == [
        ("", "Kept, inserted, linked, 10^9\n\ncontrolled\n\nboxed\n\nchosen"),
        ("Footnotes", "Noted."),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected with a password"),
        (None, "missing or broken"),
    ],
)
def test_that_other_files_of_word_are_refused_with_a_reason(tmp_path, content, reason):
    path = tmp_path / "old.docx"
    if content is None:
        make_zip(path, {"[Content_Types].xml": "<Types/>", "word/styles.xml": "<broken"})
    else:
        path.write_bytes(content)
    assert docx.FORMAT.matches(Head(path, path.read_bytes(), path.read_bytes()))
    (record,) = docx.read(path)
    assert isinstance(record, Rejected)
    assert reason in record.reason


def test_that_an_empty_one_is_reported(tmp_path):
    (record,) = docx.read(make_docx(tmp_path / "a.docx", ""))
    assert record == Rejected(str(tmp_path / "a.docx"), 1, "it has no text")


def test_that_a_part_that_fills_the_memory_is_refused(tmp_path):
    path = make_docx(tmp_path / "a.docx", paragraph("x" * 40_000_000))
    with pytest.raises(OSError, match="200 times its size"):
        list(docx.read(path))
