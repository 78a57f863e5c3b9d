"""The page of a PDF with the passage lit, exactly or not at all; and files that break what draws them."""

import os
import signal
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QColor

from core.library.readers.pdf_sight import Draw
from core.types import Span
from desktop.reader.document_view import DocumentView
from desktop.reader.page_view import PageView
from desktop.reader.pdf_file import PdfFile
from desktop.reader.pdf_process import PdfProcess
from desktop.theme import LIGHT
from tests.desktop.pdf_fake import PAGES, make_pdf, paged_document
from tests.fakes.pdf_files import make_bomb, make_slow

# a window of a test, without a screen, knows nothing of sizes
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

QUOTE = PAGES[1][: PAGES[1].index(". We suggest") + 1]
WORKER = "from core.library.readers import pdf_worker; pdf_worker.MEMORY = 400 << 20; pdf_worker.main()"
COMMAND = (sys.executable, "-c", WORKER)


@pytest.fixture
def pdf(tmp_path):
    return make_pdf(tmp_path / "guideline.pdf")


@pytest.fixture
def document(pdf):
    return paged_document(pdf)


@pytest.fixture
def reader(qtbot):
    made = DocumentView("Back", pdf=COMMAND)
    qtbot.addWidget(made)
    made.resize(700, 800)
    made.show()
    return made


def settle(qtbot, reader):
    qtbot.waitUntil(lambda: reader.pages is not None and reader.pages.settled)
    qtbot.wait(10)  # what is lit is scrolled to in a moment
    return reader.pages


def of_process(pages):
    return pages.findChild(QProcess)


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def span(document, quote):
    start = document.text.index(quote)
    return Span(start, start + len(quote))


def test_that_the_page_opens_where_the_passage_is_and_the_marker_lies_on_it(reader, document, pdf, qtbot):
    reader.show_document(document, span(document, QUOTE), pdf)
    assert reader.highlighted() == QUOTE
    click(qtbot, reader.as_page)
    pages = settle(qtbot, reader)
    assert pages.isVisible()
    assert pages.bar.place.text() == "p. 2 of 3"
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
    settle(qtbot, reader)
    assert pages.canvas.lit_box() is None
    click(qtbot, reader.as_page)
    assert reader.text.isVisible()
    assert reader.highlighted() == QUOTE


def test_that_a_passage_over_two_pages_is_lit_on_both(reader, document, pdf, qtbot):
    start = document.text.index("Evidence for other")
    end = document.text.index("three times.") + len("three times.")
    reader.as_page.setChecked(True)
    reader.show_document(document, Span(start, end), pdf)
    assert sorted(settle(qtbot, reader).lit) == [2, 3]


def test_that_a_page_without_the_exact_words_is_shown_unlit_and_says_so(reader, document, pdf, qtbot):
    changed = replace(document, text=document.text.replace("palpitations", "palpitation!"))
    reader.as_page.setChecked(True)
    reader.show_document(changed, span(changed, "who have palpitation! at rest"), pdf)
    pages = settle(qtbot, reader)
    assert pages.bar.place.text() == "p. 2 of 3"
    assert pages.canvas.lit_box() is None
    assert "could not be found exactly" in reader.message.text()
    pages.go_to(1)
    assert not reader.message.text(), "the passage does not begin here"


def test_that_the_next_passage_of_the_same_page_is_lit_even_while_the_last_is_looked_for(
    reader, document, pdf, qtbot
):
    reader.as_page.setChecked(True)
    reader.show_document(document, span(document, "eighty"), pdf)
    pages = settle(qtbot, reader)
    right, seen = pages.lit, []
    qtbot.waitUntil(lambda: bool(pages.file.picture(1) and pages.file.picture(3)))  # nothing else to do
    process = of_process(pages)
    pages.file.found.connect(lambda: seen.append(pages.lit))
    for quote in (
        QUOTE,
        "eighty",
    ):  # asked about one, it is shown the other
        reader.show_document(document, span(document, quote), pdf)
    settle(qtbot, reader)
    assert seen == [{}, right]
    assert of_process(pages) is process, "the file stays open from passage to passage"


def test_that_the_next_document_is_shown_as_a_page_too_if_it_has_one(reader, document, pdf, tmp_path, qtbot):
    reader.as_page.setChecked(True)
    reader.show_document(document, None, pdf)
    assert reader.stack.currentWidget() is settle(qtbot, reader)
    reader.show_document(replace(document, original=""), None, None)
    assert reader.stack.currentWidget() is reader.text
    assert not reader.as_page.isVisible()
    other = make_pdf(tmp_path / "other.pdf", ("One page.",))
    reader.show_document(paged_document(other, ("One page.",)), None, other)
    pages = settle(qtbot, reader)
    assert pages.bar.place.text() == "p. 1 of 1"
    assert not pages.bar.next.isEnabled()


def test_that_a_page_grows_and_shrinks_within_bounds(reader, document, pdf, qtbot):
    reader.as_page.setChecked(True)
    reader.show_document(document, None, pdf)
    pages = settle(qtbot, reader)
    width = pages.canvas.width()
    click(qtbot, pages.bar.larger)
    assert pages.canvas.width() == pytest.approx(1.25 * width, abs=2), "at once, from the picture there is"
    for _ in range(12):
        click(qtbot, pages.bar.smaller)
    assert pages.canvas.width() == pytest.approx(0.5 * width, abs=2)
    settle(qtbot, reader)
    assert pages.file.picture(1).image.width() == pages.canvas.width()


def test_that_the_pages_beside_are_drawn_before_anybody_goes_there(reader, document, pdf, qtbot):
    reader.as_page.setChecked(True)
    reader.show_document(document, span(document, QUOTE), pdf)
    pages = settle(qtbot, reader)
    qtbot.waitUntil(lambda: bool(pages.file.picture(1) and pages.file.picture(3)))
    click(qtbot, pages.bar.next)
    assert pages.settled, "without a wait"


def test_that_the_process_is_there_only_while_a_page_is_looked_at(reader, document, pdf, qtbot):
    reader.as_page.setChecked(True)
    reader.show_document(document, None, pdf)
    pages = settle(qtbot, reader)
    assert of_process(pages).state() == QProcess.ProcessState.Running
    click(qtbot, reader.as_page)
    qtbot.waitUntil(lambda: of_process(pages) is None)
    pdf.unlink()
    click(qtbot, reader.as_page)
    assert pages.settled, "the last picture was kept"


def test_that_a_broken_pdf_says_so_and_shows_the_text(reader, document, tmp_path, qtbot):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    failing(qtbot, reader, document, broken, "damaged")
    assert reader.highlighted() == QUOTE


def test_that_a_pdf_that_kills_its_process_leaves_the_window_with_a_sentence_and_the_text(
    reader, document, tmp_path, pdf, qtbot
):
    bomb = make_bomb(tmp_path / "bomb.pdf")
    failing(qtbot, reader, document, bomb, "drawing it failed")
    reader.as_page.setChecked(True)
    reader.show_document(document, span(document, QUOTE), pdf)  # the next file is drawn as ever
    assert sorted(settle(qtbot, reader).lit) == [2]
    assert not reader.message.text()


def test_that_a_pdf_that_hangs_is_given_up(reader, document, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr("desktop.reader.page_view.PdfProcess", lambda command: PdfProcess(command, 800))
    failing(qtbot, reader, document, make_slow(tmp_path / "slow.pdf"), "takes too long")


def failing(qtbot, reader, document, path, words):
    reader.as_page.setChecked(True)
    reader.show_document(document, span(document, QUOTE), path)
    qtbot.waitUntil(lambda: words in reader.message.text(), timeout=15_000)
    assert reader.stack.currentWidget() is reader.text
    assert not reader.as_page.isChecked()
    assert reader.message.isVisible()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_that_a_process_that_dies_while_a_page_is_drawn_ahead_is_not_noticed(reader, document, pdf, qtbot):
    reader.as_page.setChecked(True)
    reader.show_document(document, None, pdf)
    pages = settle(qtbot, reader)
    qtbot.waitUntil(lambda: pages.file.picture(2) is not None)
    os.kill(of_process(pages).processId(), signal.SIGSTOP)  # page 3 will be drawn ahead for ever
    pages.go_to(2)
    assert pages.settled
    os.kill(of_process(pages).processId(), signal.SIGKILL)
    click(qtbot, pages.bar.next)
    settle(qtbot, reader)
    assert pages.bar.place.text() == "p. 3 of 3"
    assert not reader.message.text()


@pytest.mark.parametrize(
    "says",
    [
        "print('no message', flush=True)",
        "sys.stdout.buffer.write(b'x' * 9_000_000)",
        'print(\'{"type": "Opened", "pages": 1, "title": ""}\', flush=True); sys.stdin.readline();'
        'print(\'{"type":"Drawn","page":1,"points":9.0,"width":99999,"height":99999}\', flush=True)',
        'print(\'{"type": "Opened", "pages": 1, "title": ""}\', flush=True); sys.stdin.readline();'
        'print(\'{"type":"Drawn","page":1,"points":9.0,"width":-9,"height":-9}\', flush=True)',
    ],
)
def test_that_a_process_that_was_taken_over_is_not_listened_to(qtbot, document, pdf, says):
    pages = PageView((sys.executable, "-c", f"import sys, time; {says}; time.sleep(60)"))
    qtbot.addWidget(pages)
    pages.show()
    with qtbot.waitSignal(pages.failed) as failed:
        pages.open(pdf, document, None)
    assert "nonsense" in failed.args[0]
    pages.hide()


def test_that_a_program_that_is_not_there_is_said(qtbot, document, pdf):
    pages = PageView(("/no/such/program",))
    qtbot.addWidget(pages)
    pages.show()
    with qtbot.waitSignal(pages.failed) as failed:
        pages.open(pdf, document, None)
    assert "could not be started" in failed.args[0]


def test_that_only_so_many_pictures_are_kept(qtbot, pdf, monkeypatch):
    monkeypatch.setattr("desktop.reader.pdf_file.MAX_KEPT", 600_000)
    file = PdfFile(PdfProcess(COMMAND))
    file.choose(pdf)
    for page in (1, 2, 3):
        with qtbot.waitSignal(file.drawn):
            file.want([Draw(page, 300)])
    assert [page for page in (1, 2, 3) if file.picture(page)] == [3]
    file.rest()
