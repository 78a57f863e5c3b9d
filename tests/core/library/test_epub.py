"""Books: chapters in the order of the spine, and books that are locked or incomplete."""

import pytest

from core.library.readers import epub
from core.types import Document, Rejected
from tests.fakes.office_files import make_epub, make_zip

METADATA = (
    "<dc:title>A Book of Pain</dc:title><dc:creator>Jane Doe</dc:creator><dc:date>2015-02-03</dc:date>"
    "<dc:language>de</dc:language><dc:publisher>House</dc:publisher><dc:identifier>urn:isbn:1</dc:identifier>"
)


def test_that_a_book_is_one_document_with_a_section_for_each_heading(tmp_path):
    chapters = {
        "b%20two.xhtml": "<h1>Second</h1><p>Two.</p>",
        "a.xhtml": "<h1>First</h1><h2>Part</h2><p>One.</p>",
    }
    path = make_epub(tmp_path / "book.epub", {}, "")
    path = make_epub(
        tmp_path / "book.epub",
        chapters,
        METADATA,
        **{"OPS/b two.xhtml": "<html><body><h1>Second</h1><p>Two.</p></body></html>"},
    )
    (document,) = epub.read(path)
    assert [section.label for section in document.sections] == ["Second", "First > Part"]
    assert document.text == "Two.\n\nOne."
    assert (document.title, document.authors, document.year) == ("A Book of Pain", ("Jane Doe",), 2015)
    assert (document.language, document.journal, document.doi) == ("ger", "House", None)


def test_that_a_chapter_that_is_missing_is_reported_and_the_others_read(tmp_path):
    path = make_epub(
        tmp_path / "b.epub", {"a.xhtml": "<p>One.</p>", "b%2e%2e/x.xhtml": "<p>lost</p>"}, METADATA
    )
    rejected, document = epub.read(path)
    assert (rejected.record, "is not in the file" in rejected.reason) == (2, True)
    assert document.text == "One."


def test_that_a_protected_book_is_refused_and_one_with_hidden_fonts_is_not(tmp_path):
    mark = '<encryption xmlns:e="urn:e"><e:CipherReference URI="OPS/{}"/></encryption>'
    for name, refused in (("a.xhtml", True), ("font.otf", False)):
        extra = {"META-INF/encryption.xml": mark.format(name)}
        path = make_epub(tmp_path / f"{refused}.epub", {"a.xhtml": "<p>One.</p>"}, METADATA, **extra)
        if refused:
            with pytest.raises(OSError, match="protected against copying"):
                list(epub.read(path))
        else:
            assert [type(record) for record in epub.read(path)] == [Document]


def test_that_a_book_without_contents_is_refused(tmp_path):
    path = make_zip(tmp_path / "b.epub", {"mimetype": "application/epub+zip"})
    with pytest.raises(OSError, match="does not say"):
        list(epub.read(path))
    assert [type(r) for r in epub.read(make_epub(tmp_path / "c.epub", {}, METADATA))] == [Rejected]
