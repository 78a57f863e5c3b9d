"""The page of a PDF with the passage lit: exactly, or not at all."""

from dataclasses import replace

import pypdfium2
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtPdf import QPdfDocument

from core.types import Span
from desktop.reader.document_view import DocumentView
from desktop.reader.pdf_passage import passage_on_pages
from desktop.theme import LIGHT
from tests.desktop.pdf_fake import PAGES, make_pdf, paged_document

# a window of a test, without a screen, knows nothing of sizes
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

QUOTE = PAGES[1][: PAGES[1].index(". We suggest") + 1]


@pytest.fixture
def pdf(tmp_path):
    return make_pdf(tmp_path / "guideline.pdf")


@pytest.fixture
def document(pdf):
    return paged_document(pdf)


@pytest.fixture
def reader(qtbot):
    made = DocumentView("Back")
    qtbot.addWidget(made)
    made.resize(700, 800)
    made.show()
    return made


def span(document, quote):
    start = document.text.index(quote)
    return Span(start, start + len(quote))


def words_in(path, page, outlines):
    """The characters whose middle lies in ``outlines``, told without Qt."""
    shown = pypdfium2.PdfDocument(path)[page - 1]
    text, height = shown.get_textpage(), shown.get_height()
    found = ""
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        middle = QPointF((left + right) / 2, height - (bottom + top) / 2)
        if any(outline.boundingRect().contains(middle) for outline in outlines):
            found += text.get_text_range(index, 1)
    return squeezed(found)


def squeezed(text):
    return "".join(text.split())


def opened(pdf, path):
    assert pdf.load(str(path)) == QPdfDocument.Error.None_
    return pdf


@pytest.mark.parametrize("quote", [QUOTE, PAGES[0], "eighty", "Evidence for other drugs was too weak"])
def test_that_just_the_words_of_the_passage_are_outlined(qapp, pdf, document, quote):
    shown = opened(QPdfDocument(), pdf)
    found = passage_on_pages(shown, document, span(document, quote))
    ((page, outlines),) = found.items()
    assert words_in(pdf, page, outlines) == squeezed(quote)
    shown.close()


def test_that_a_passage_over_two_pages_is_lit_on_both(qapp, pdf, document):
    shown = opened(QPdfDocument(), pdf)
    start = document.text.index("Evidence for other")
    end = document.text.index("three times.") + len("three times.")
    found = passage_on_pages(shown, document, Span(start, end))
    assert sorted(found) == [2, 3]
    assert words_in(pdf, 3, found[3]) == "Thepanelmetthreetimes."
    shown.close()


def test_that_words_that_are_not_there_to_the_letter_are_not_outlined(qapp, pdf, document):
    shown = opened(QPdfDocument(), pdf)
    changed = replace(document, text=document.text.replace("palpitations", "palpitation!"))
    assert passage_on_pages(shown, changed, span(changed, "who have palpitation! at rest")) is None
    shown.close()


def test_that_the_page_opens_where_the_passage_is_and_the_marker_lies_on_it(reader, document, pdf, qtbot):
    reader.show_document(document, span(document, QUOTE), pdf)
    assert reader.highlighted() == QUOTE
    qtbot.mouseClick(reader.as_page, Qt.MouseButton.LeftButton)
    pages = reader.pages
    assert pages.isVisible()
    assert pages.place.text() == "p. 2 of 3"
    assert not reader.message.isVisible()
    picture = pages.canvas.grab().toImage()
    ratio = picture.devicePixelRatio()
    box = pages.canvas.lit_box()
    inside = [
        picture.pixelColor(round(x * ratio), round((box.top() + 2) * ratio))
        for x in range(round(box.left()) + 2, round(box.left()) + 40)
    ]
    assert QColor(LIGHT.mark) in inside
    above = picture.pixelColor(round((box.left() + 5) * ratio), round((box.top() - 8) * ratio))
    assert above == QColor("white")
    pages.go_to(1)
    assert pages.canvas.lit_box() is None
    qtbot.mouseClick(reader.as_page, Qt.MouseButton.LeftButton)
    assert reader.text.isVisible()
    assert reader.highlighted() == QUOTE


def test_that_a_page_without_the_exact_words_is_shown_unlit_and_says_so(reader, document, pdf):
    changed = replace(document, text=document.text.replace("palpitations", "palpitation!"))
    reader.as_page.setChecked(True)
    reader.show_document(changed, span(changed, "who have palpitation! at rest"), pdf)
    assert reader.pages.place.text() == "p. 2 of 3"
    assert reader.pages.canvas.lit_box() is None
    assert "could not be found exactly" in reader.message.text()


def test_that_the_next_document_is_shown_as_a_page_too_if_it_has_one(reader, document, pdf, tmp_path):
    reader.as_page.setChecked(True)
    reader.show_document(document, None, pdf)
    assert reader.stack.currentWidget() is reader.pages
    reader.show_document(replace(document, original=""), None, None)
    assert reader.stack.currentWidget() is reader.text
    assert not reader.as_page.isVisible()
    other = make_pdf(tmp_path / "other.pdf", ("One page.",))
    reader.show_document(paged_document(other, ("One page.",)), None, other)
    assert reader.pages.place.text() == "p. 1 of 1"
    assert not reader.pages.next.isEnabled()


def test_that_a_broken_pdf_says_so_and_leaves_the_text_one_click_away(reader, document, tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    reader.as_page.setChecked(True)
    reader.show_document(document, span(document, QUOTE), broken)
    assert "cannot be shown" in reader.message.text()
    reader.as_page.setChecked(False)
    assert reader.highlighted() == QUOTE


def test_that_a_page_grows_and_shrinks_within_bounds(reader, document, pdf, qtbot):
    reader.as_page.setChecked(True)
    reader.show_document(document, None, pdf)
    pages = reader.pages
    width = pages.canvas.width()
    qtbot.mouseClick(pages.larger, Qt.MouseButton.LeftButton)
    assert pages.canvas.width() == pytest.approx(1.25 * width, abs=2)
    for _ in range(12):
        qtbot.mouseClick(pages.smaller, Qt.MouseButton.LeftButton)
    assert pages.canvas.width() == pytest.approx(0.5 * width, abs=2)
