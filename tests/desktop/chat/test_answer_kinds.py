"""Each kind of answer: quotes alone, refusals, disagreement, reviews, leaflets, emergencies, modes."""

import csv
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtWidgets import QFileDialog, QLabel, QStyleOptionViewItem

from core.protocol import Answered, Done
from core.settings import RetrievalSettings, Settings, write_settings
from desktop.chat.studies import FINDING
from desktop.chat.studies_text import as_csv
from tests.desktop.chat import answers
from tests.desktop.chat.answers import QUESTION
from tests.desktop.hands import shown
from tests.desktop.window_fakes import answering, make_answer, say, worker

ECHO = (
    "answer = f\"{request['mode']} {request['evidence_only']}\"\n"
    "sys.stdout.write(json.dumps({'kind': 'Token', 'text': answer}) + '\\n')\n" + say(Done())
)


@pytest.fixture
def asked(open_window, qtbot):
    def ask(answer, script=""):
        desktop = open_window(worker(script or answering(answer)))
        desktop.ask.ask(QUESTION)
        qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
        return desktop, desktop.ask.turns.views[-1]

    return ask


def words_in(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_that_the_switch_and_the_mode_travel_with_the_question(asked, qtbot):
    desktop, view = asked(None, ECHO)
    assert shown(view) == "research False"
    desktop.ask.composer.quotes.setChecked(True)
    desktop.ask.composer.modes.menu_.actions()[2].trigger()
    desktop.ask.ask("Which dose?")
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    assert shown(desktop.ask.turns.views[-1]) == "clinical True"


def test_that_a_mode_is_remembered_for_its_conversation(asked, open_window, qtbot):
    desktop, _ = asked(answers.REVIEW)
    modes, first = desktop.ask.composer.modes, desktop.session.shown
    assert modes.mode == "research"  # chosen before it was asked
    modes.menu_.actions()[3].trigger()
    desktop.session.new()
    assert modes.mode == "research"
    desktop.session.open(first)
    assert modes.mode == "patient"
    desktop = open_window(worker("pass"))
    desktop.session.open(first)
    assert desktop.ask.composer.modes.mode == "review"  # as was asked last, also after a new start


def test_that_quotes_without_prose_are_cards_that_open_their_words(asked, qtbot):
    desktop, view = asked(answers.EVIDENCE)
    assert not view.text.isVisible()
    assert [card.source.quote for card in view.parts.quotes.cards] == [
        one.quote for one in answers.EVIDENCE.closest
    ]
    assert "No sentence of the answer was borne out" in view.parts.refusal.text()
    assert view.parts.verdicts.text() == ""
    qtbot.keyClick(view.parts.quotes.cards[1], Qt.Key.Key_Return)
    assert desktop.ask.side.reader.highlighted() == answers.EVIDENCE.closest[1].quote


def test_that_a_refusal_says_why_with_the_limits_and_what_to_do(asked, home):
    write_settings(home.settings, Settings(retrieval=RetrievalSettings(min_similarity=0.62, min_support=0.7)))
    _, view = asked(None, say(Answered(answers.REFUSED), Done()))
    told = view.parts.refusal.text()
    assert "No answer: No passage in the library “starter” is close enough" in told
    assert "at least 0.62" in told
    assert "at least 70 %" in told
    assert "Try other words" in told
    assert [row.accessibleName()[:20] for row in view.parts.documents.rows] == [
        one.title[:20] for one in answers.REFUSED.nearest
    ]


def test_that_a_refused_question_can_be_answered_by_quotes(asked, qtbot):
    script = (
        f"if request['evidence_only']: {say(Answered(answers.EVIDENCE), Done()).strip()}\n"
        f"else: {say(Answered(answers.REFUSED), Done()).strip()}\n"
    )
    desktop, view = asked(None, script)
    qtbot.mouseClick(view.parts.refusal.evidence, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(desktop.ask.turns.views) == 2 and not desktop.session.busy, timeout=10_000)
    last = desktop.ask.turns.views[-1]
    assert len(last.parts.quotes.cards) == 2
    assert last.parts.refusal.prose.isVisible()
    assert not desktop.ask.composer.quotes.isChecked()  # for this question, not for the next


def test_that_quotes_are_not_told_to_the_model_as_an_earlier_answer(asked, qtbot):
    script = (
        f"if not request['history'] and {QUESTION!r} == request['question']: "
        f"{say(Answered(answers.EVIDENCE), Done()).strip()}\n"
        "else:\n"
        "    text = str(len(request['history']))\n"
        "    sys.stdout.write(json.dumps({'kind': 'Token', 'text': text}) + '\\n')\n"
        f"    {say(Done()).strip()}\n"
    )
    desktop, _ = asked(None, script)
    desktop.ask.ask("And then?")
    qtbot.waitUntil(lambda: len(desktop.ask.turns.views) == 2 and not desktop.session.busy, timeout=10_000)
    assert shown(desktop.ask.turns.views[-1]) == "0"


def test_that_both_sides_of_a_disagreement_have_grade_year_and_population(asked, qtbot):
    desktop, view = asked(answers.DISAGREEING)
    (block,) = view.parts.disagreements.blocks
    told = words_in(block)
    for word in ("Reports no effect (2)", "Reports a decrease (1)", "Systematic review", "2014", "2009"):
        assert word in told
    assert "4,384 adults with atrial fibrillation and heart failure" in told
    qtbot.keyClick(block.cards[0], Qt.Key.Key_Return)
    assert desktop.ask.side.reader.highlighted() == answers.AGAINST.finding.quote


def test_that_studies_can_be_sorted_and_saved_in_that_order(asked, qtbot, tmp_path, monkeypatch):
    _, view = asked(answers.REVIEW)
    table, path = view.parts.studies, tmp_path / "studies.csv"
    table.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert [table.sorted.index(row, 2).data() for row in range(3)] == ["2009", "2014", "2014"]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(table.csv, Qt.MouseButton.LeftButton)
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert [row["Year"] for row in rows] == ["2009", "2014", "2014"]
    assert rows[0]["Design"] == "Randomised trial"
    assert {row["PMID"] for row in rows} == {"900001", "900002", "900003"}
    path = tmp_path / "studies.md"
    qtbot.mouseClick(table.markdown, Qt.MouseButton.LeftButton)
    assert path.read_text("utf-8").splitlines()[2].startswith("| 3 | Bisoprolol")


LONG = replace(
    answers.OTHER,
    document=replace(answers.OTHER.document, title="Electroencephalographically guided dexmedetomidine"),
    population="people with pseudopseudohypoparathyroidism",
)


@pytest.mark.parametrize("window", [(1360, 860), (1000, 700), (2600, 900)])
def test_that_all_studies_can_be_read_without_scrolling_sideways(asked, qtbot, window):
    desktop, view = asked(replace(answers.REVIEW, studies=(answers.AGAINST, LONG, answers.FOR)))
    desktop.window.resize(*window)
    table, header = view.parts.studies.table, view.parts.studies.table.horizontalHeader()
    qtbot.waitUntil(lambda: 0 <= table.viewport().width() - header.length() <= 2)
    widths = {column: header.sectionSize(column) for column in range(header.count())}
    assert max(widths, key=widths.get) == FINDING
    for column in filter(widths.get, widths):
        for row in range(3):
            index = table.model().index(row, column)
            option = QStyleOptionViewItem()
            option.initFrom(table)
            option.rect = table.visualRect(index)
            table.itemDelegate().initStyleOption(option, index)
            text = QTextDocument(option.text)
            text.setDefaultFont(table.font())
            text.setDocumentMargin(0)
            text.setTextWidth(widths[column] - 2 * 11)  # the padding of the style sheet, the margin of Qt
            assert text.size().height() <= table.rowHeight(row) - 16
            assert text.idealWidth() <= text.textWidth()


def test_that_a_study_is_opened_and_copied_by_keys_as_it_is(asked, qtbot):
    desktop, view = asked(replace(answers.REVIEW, studies=(answers.AGAINST, LONG, answers.FOR)))
    table = view.parts.studies.table
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, 1))
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == LONG.document.title
    desktop.window.resize(1000, 700)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert desktop.ask.side.reader.highlighted() == answers.FOR.finding.quote


def test_that_a_spreadsheet_takes_no_title_for_a_formula():
    study = replace(answers.FOR, document=replace(answers.FOR.document, title="=HYPERLINK(0)"))
    assert "'=HYPERLINK(0)" in as_csv([study])


def test_that_a_leaflet_shows_its_reading_level_and_its_terms(asked):
    _, view = asked(answers.LEAFLET)
    leaflet = view.parts.leaflet
    assert "9.4" in leaflet.grade.text()
    assert "Harder than advised" in leaflet.grade.text()
    assert "a fast and uneven heartbeat" in leaflet.glossary.text()


def test_that_a_leaflet_leaves_the_window_only_when_a_clinician_has_signed_it(asked, qtbot):
    _, view = asked(answers.LEAFLET)
    assert not view._copy.isEnabled()
    assert not view._save.isEnabled()
    view.parts.leaflet.box.setChecked(True)
    assert not view._copy.isEnabled()  # a tick without a name is nobody's
    qtbot.keyClicks(view.parts.leaflet.name, "Dr A. Sample, cardiology")
    assert view._copy.isEnabled()
    assert view._save.isEnabled()
    view.parts.leaflet.box.setChecked(False)
    assert not view._copy.isEnabled()


@pytest.mark.parametrize("answer", [answers.EMERGENCY, replace(answers.REFUSED, emergency="Call for help.")])
def test_that_an_emergency_notice_stands_above_whatever_the_answer_is(asked, answer):
    _, view = asked(None, say(Answered(answer), Done()))
    banner = view.parts.emergency
    assert banner.isVisible()
    assert banner.words.text() == banner.accessibleName() == answer.emergency
    below = view.parts.refusal if answer.refused else view.text
    assert banner.geometry().bottom() < below.geometry().top()


def test_that_every_answer_names_notice_model_library_version_and_mode(asked):
    _, view = asked(answers.REVIEW)
    told = view.parts.provenance.text()
    for word in (answers.REVIEW.notice, "smollm2-135m-instruct", "starter (version 1)", "Literature review"):
        assert word in told


def test_that_an_emergency_notice_is_in_view_however_long_the_answer_is(asked, qtbot):
    long = make_answer(QUESTION, "\n".join(f"Sentence {n} of a very long answer." for n in range(150)))
    desktop, view = asked(replace(long, emergency="Call for help."))
    turns = desktop.ask.turns
    qtbot.waitUntil(lambda: turns.verticalScrollBar().maximum() > 0)
    banner = view.parts.emergency
    qtbot.waitUntil(lambda: turns.viewport().rect().contains(banner.mapTo(turns.viewport(), QPoint(4, 4))))
