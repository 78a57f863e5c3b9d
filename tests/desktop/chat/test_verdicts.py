"""Verdicts beside the sentences: seen, hovered over, reached by keyboard, and never claimed too early."""

from dataclasses import replace
from html import unescape

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QToolTip

from core.protocol import Done, Token
from core.types import Verdict
from desktop.chat.flow_text import ROOM
from desktop.chat.verdicts import look, summary
from desktop.theme import DARK, LIGHT
from tests.desktop.chat.answers import CHECKED, FIRST_QUOTE, QUESTION, checked
from tests.desktop.hands import shown
from tests.desktop.window_fakes import answering, make_answer, say, worker

# of the plugin without a screen, on popups
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", "propagateSizeHints", extend=True)
KINDS = ("supported", "weak", "unsupported", "contradicted", None)


@pytest.fixture
def asked(open_window, qtbot):
    """Ask, and return the window with the view of the answer."""

    def ask(answer, **more):
        desktop = open_window(worker(answering(answer)), **more)
        desktop.ask.ask(QUESTION)
        qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
        return desktop, desktop.ask.turns.views[-1]

    return ask


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("kind", KINDS)
def test_that_every_verdict_can_be_read_in_light_and_dark(palette, kind):
    for ground in (palette.base, palette.window):
        light, dark = sorted(
            (luminance(getattr(palette, look(kind).colour)), luminance(ground)), reverse=True
        )
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_that_verdicts_differ_in_word_and_icon_and_not_in_colour_alone():
    assert len({look(kind).word for kind in KINDS}) == len({look(kind).icon for kind in KINDS}) == len(KINDS)


def test_that_every_sentence_has_its_sign_and_a_line_counts_them(asked):
    _, view = asked(CHECKED)
    icons = [icon.name for icon in view.text.icons]
    assert icons == ["supported", "weak", "unsupported", "contradicted", "unsupported"]
    words = "5 sentences: 1 supported, 1 weakly supported, 2 not supported, 1 contradicted"
    assert view.parts.verdicts.text() == words == summary(CHECKED)
    assert view.parts.verdicts.isVisible()


def test_that_the_word_stands_beside_what_should_not_be_relied_on(asked):
    _, view = asked(CHECKED)
    words = shown(view).replace("\u00a0", " ")
    assert words.count("not supported") == 2
    assert words.count("contradicted") == 1
    assert "weakly" not in words


@pytest.mark.parametrize("width", range(900, 1300, 80))
def test_that_a_sign_is_never_parted_from_its_sentence_or_its_word(asked, width):
    desktop, view = asked(CHECKED)
    desktop.window.resize(width, 700)
    desktop.window.repaint()
    document = view.text.document()
    for icon in view.text.icons:
        block = document.findBlock(icon.start)
        lines = [block.layout().lineForTextPosition(icon.start + n - block.position()) for n in (-1, 0, 3)]
        assert len({line.lineNumber() for line in lines}) == 1


def hover(view, start):
    cursor = QTextCursor(view.text.document())
    cursor.setPosition(start)
    place = view.text.cursorRect(cursor).center()
    place.setX(place.x() + 4)
    viewport = view.text.viewport()
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place)))
    return unescape(QToolTip.text())


def test_that_the_quote_is_told_over_a_marker(asked):
    _, view = asked(CHECKED)
    told = hover(view, view.text.chips[0].start)
    assert FIRST_QUOTE in told
    assert "Cited by the model." in told
    QToolTip.hideText()


def test_that_verdict_reason_and_quote_are_told_over_a_sign(asked):
    _, view = asked(CHECKED)
    told = hover(view, view.text.icons[2].start)
    assert "Not supported" in told
    assert "the number 20 % is not in the quote" in told
    assert CHECKED.citations[2].quote in told
    QToolTip.hideText()


def test_that_a_sign_is_reached_by_keyboard_and_its_card_opens_the_source(asked, qtbot):
    desktop, view = asked(CHECKED)
    view.text.setFocus()
    for _ in range(2):  # the first marker, then the sign of its sentence
        qtbot.keyClick(view.text, Qt.Key.Key_Tab)
    qtbot.keyClick(view.text, Qt.Key.Key_Return)
    card = QApplication.activePopupWidget()
    assert card.accessibleName().startswith("supported.")
    qtbot.mouseClick(card.buttons[0], Qt.MouseButton.LeftButton)
    assert desktop.ask.side.reader.highlighted() == FIRST_QUOTE


def test_that_escape_closes_the_card_of_a_sentence(asked, qtbot):
    _, view = asked(CHECKED)
    view.text.verdict_activated.emit(4, view.text.mapToGlobal(view.text.rect().center()))
    card = QApplication.activePopupWidget()
    assert card.reasons == ("no passage was found that says this",)
    assert not card.buttons
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None


def test_that_a_screen_reader_hears_the_verdict_of_each_sentence(asked):
    _, view = asked(CHECKED)
    heard = view.text.accessibleDescription()
    assert heard.startswith("5 sentences: 1 supported")
    assert "3: not supported (the number 20 % is not in the quote)" in heard


def test_that_streamed_words_are_not_checked_yet(open_window, qtbot):
    script = say(Token("Not in "), Token("fibrillation.")) + "heard()\n" + say(Done(True))
    desktop = open_window(worker(script))
    desktop.ask.ask(QUESTION)
    view = desktop.ask.turns.views[0]
    qtbot.waitUntil(lambda: view.parts.verdicts.text() == "Not checked yet", timeout=10_000)
    desktop.session.stop()
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    assert view.parts.verdicts.text() == "Not checked"  # there is no whole answer that could be


def test_that_a_cited_sentence_without_verdict_is_unchecked_and_says_why(asked):
    answer = checked(replace(CHECKED, unchecked="The verifier could not be loaded."), *[None] * 5)
    _, view = asked(answer)
    assert [icon.name for icon in view.text.icons] == ["unchecked"] * 4 + ["unsourced"]
    assert view.parts.verdicts.text() == "5 sentences: 5 unchecked. The verifier could not be loaded."


def test_that_an_answer_without_library_has_no_signs_but_counts_as_unchecked(asked):
    _, view = asked(make_answer(QUESTION, "Perhaps.", libraries=()))
    assert view.text.icons == []
    assert view.parts.verdicts.text() == "1 sentence: 1 unchecked"


def test_that_further_answers_are_shown_as_unchecked(asked, qtbot):
    _, view = asked(replace(CHECKED, alternatives=("Another answer [1].",)))
    first, second = (view._choices.layout().itemAt(n).widget() for n in (0, 1))
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert view.parts.verdicts.text() == "Not checked"
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert view.parts.verdicts.text() == summary(CHECKED)


def test_that_copied_words_have_no_room_for_signs_in_them(asked):
    _, view = asked(CHECKED)
    view.text.selectAll()
    copied = view.text.createMimeDataFromSelection().text()
    assert ROOM not in copied
    assert "fibrillation [1]. Rates of stroke" in copied


def test_that_a_verdict_of_old_answers_is_read_as_unchecked():
    assert look(None).word == "unchecked"
    assert (
        summary(checked(CHECKED, Verdict("supported", 1.0), *[None] * 4))
        == "5 sentences: 1 supported, 4 unchecked"
    )
