"""A question from the box to the answer, with real worker processes."""

import os
import signal
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from core.history import open_history
from core.protocol import Answered, Done, Failed, Found, Status, Token
from core.types import Filters, LibraryRef
from tests.desktop.hands import click_on, shown
from tests.desktop.window_fakes import (
    RESULTS,
    FakeLibraries,
    answering,
    cite,
    make_answer,
    make_passage,
    ref,
    say,
    worker,
)

QUESTION = "Do beta blockers lower mortality?"
HANG = "time.sleep(60)\n"
MARKS = {"Retracted", "Corrected", "Expression of concern", "Systematic review"}


@pytest.fixture
def cited(documents):
    """An answer that cites its first sentence, finds a source for the second, and none for the third."""
    first, second = documents
    return make_answer(
        QUESTION,
        "Not in atrial fibrillation [1].\nStroke was as frequent [2].\nThey are cheap.",
        (
            cite(first, RESULTS[: RESULTS.index(". Rates") + 1], 1, 0),
            cite(second, "Rates of stroke did not differ.", 2, 1, "search"),
        ),
    )


@pytest.fixture
def ask(qtbot):
    """Type a question and press Enter; wait for its end unless told otherwise."""

    def asked(desktop, question=QUESTION, wait=True):
        qtbot.keyClicks(desktop.ask.composer.box, question)
        qtbot.keyClick(desktop.ask.composer.box, Qt.Key.Key_Return)
        if wait:
            qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
        return desktop.ask.turns.views[-1]

    return asked


def test_that_tokens_are_shown_in_order_before_the_answer_is_there(open_window, ask, qtbot):
    desktop = open_window(worker(say(Token("Not in "), Token("atrial "), Token("fibrillation.")) + HANG))
    view = ask(desktop, wait=False)
    qtbot.waitUntil(lambda: view.text.toPlainText() == "Not in atrial fibrillation.", timeout=10_000)
    assert desktop.session.busy


def test_that_the_finished_answer_replaces_the_streamed_words_and_shows_what_is_cited_how(
    open_window, ask, cited, documents
):
    passages = [make_passage(one, n) for n, one in enumerate(documents, 1)]
    view = ask(open_window(worker(answering(cited, *passages))))
    words = shown(view)
    assert words.startswith("Not in atrial fibrillation [1]. Stroke was as frequent [2]. They are cheap.")
    assert words.endswith("no source found")
    assert view.parts.legend.isVisible()
    assert [chip.mark.by_search for chip in view.text.chips] == [False, True]


def test_that_without_a_citation_by_search_there_is_no_legend(open_window, ask):
    view = ask(open_window(worker(answering(make_answer(QUESTION, "No.")))))
    assert not view.parts.legend.isVisible()


def test_that_a_click_on_a_mark_lights_exactly_the_quote_and_escape_leads_back(
    open_window, ask, cited, documents, qtbot
):
    desktop = open_window(worker(answering(cited)))
    view = ask(desktop)
    click_on(qtbot, view, "[2]")
    reader = desktop.ask.side.reader
    citation = cited.citations[1]
    assert desktop.ask.side.reading
    assert reader.highlighted() == documents[1].text[citation.start : citation.end] == citation.quote
    assert documents[1].title in reader.text.toPlainText()
    qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)
    assert not desktop.ask.side.reading
    assert view.text.hasFocus()


def test_that_j_and_k_walk_through_the_citations(open_window, ask, cited, qtbot):
    desktop = open_window(worker(answering(cited)))
    view = ask(desktop)
    view.text.setFocus()
    for key, quote in (("J", 0), ("J", 1), ("J", 0), ("K", 1)):
        qtbot.keyClicks(view.text, key.lower())
        assert desktop.ask.side.reader.highlighted() == cited.citations[quote].quote


def test_that_the_evidence_lists_each_source_with_its_words(open_window, ask, cited, documents):
    passages = [make_passage(one, n) for n, one in enumerate([*documents, documents[0]], 1)]
    desktop = open_window(worker(answering(cited, *passages)))
    ask(desktop)
    sources = [card.source for card in desktop.ask.side.evidence.cards]
    assert [(one.marker, one.by_search, one.index) for one in sources] == [
        (1, False, 0),
        (2, True, 1),
        (3, False, None),
    ]
    assert sources[0].quote == cited.citations[0].quote


def test_that_an_answer_without_any_source_shows_the_words_closest_to_the_question(
    open_window, ask, documents, qtbot
):
    closest = cite(documents[1], "Rates of stroke did not differ.", 2, -1, "search")
    answer = make_answer(QUESTION, "They are cheap.", closest=(closest,))
    passages = [make_passage(one, n) for n, one in enumerate(documents, 1)]
    desktop = open_window(worker(answering(answer, *passages)))
    ask(desktop)
    (card,) = desktop.ask.side.evidence.cards
    assert (card.source.quote, card.source.by_search, card.source.index) == (closest.quote, False, None)
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert desktop.ask.side.reader.highlighted() == closest.quote


def test_that_a_document_that_is_gone_still_shows_what_was_saved_of_it(open_window, ask, cited, documents):
    documents.pop(0)
    desktop = open_window(worker(answering(cited)))
    view = ask(desktop)
    view.text.citation_activated.emit(0)
    assert desktop.ask.side.reader.message.isVisible()
    assert desktop.ask.side.reader.highlighted() == cited.citations[0].quote


def test_that_stop_stands_where_send_was_and_keeps_the_words(open_window, ask, qtbot):
    script = say(Token("Not in atrial")) + "assert heard()['kind'] == 'Cancel'\n" + say(Done(cancelled=True))
    desktop = open_window(worker(script))
    button = desktop.ask.composer.button
    view = ask(desktop, wait=False)
    assert button.text() == "Stop"
    qtbot.waitUntil(lambda: shown(view) == "Not in atrial", timeout=10_000)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    assert button.text() == "Ask"
    assert shown(view) == "Not in atrial"
    assert "You stopped this answer." in view.note.text()


def test_that_control_and_full_stop_stops_a_worker_that_never_says_a_word(open_window, ask, qtbot):
    desktop = open_window(worker(HANG))
    desktop.worker._patience.setInterval(100)
    view = ask(desktop, wait=False)
    qtbot.keyClick(desktop.window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    assert "You stopped this answer." in view.note.text()


def test_that_a_killed_worker_leaves_the_words_and_a_next_step_and_the_next_question_works(
    open_window, ask, home, qtbot
):
    script = (
        "if request['question'] == 'again': " + say(Answered(make_answer("again", "Yes.")), Done()) + "\n"
        "else:\n    " + say(Token("Not in atrial")) + "    time.sleep(60)\n"
    )
    desktop = open_window(worker(script))
    view = ask(desktop, wait=False)
    qtbot.waitUntil(lambda: shown(view) == "Not in atrial", timeout=10_000)
    os.kill(desktop.worker.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    assert shown(view) == "Not in atrial"
    assert "stopped unexpectedly" in view.note.text()
    assert "Ask again" in view.note.text()
    assert shown(ask(desktop, "again")).startswith("Yes.")
    saved = turns_of(home)
    assert [(turn.text, turn.state) for turn in saved] == [("Not in atrial", "failed"), ("Yes.", "done")]


def turns_of(home):
    history, trouble = open_history(home.history)
    turns = history.turns(history.conversations()[0].id)
    history.close()
    assert not trouble
    return turns


def test_that_words_are_in_the_history_while_they_stream(open_window, ask, home, qtbot):
    desktop = open_window(worker(say(Token("Not in atrial")) + HANG))
    ask(desktop, wait=False)
    qtbot.waitUntil(lambda: turns_of(home)[0].text == "Not in atrial", timeout=10_000)


def test_that_the_conversation_is_there_at_the_next_start(open_window, ask, cited):
    ask(open_window(worker(answering(cited))))
    desktop = open_window()
    desktop.window.history.view.clicked.emit(desktop.window.history.model.index(0, 0))
    (view,) = desktop.ask.turns.views
    assert shown(view).startswith("Not in atrial fibrillation [1].")
    assert len(desktop.ask.side.evidence.cards) == 2


def test_that_an_answer_cut_off_by_a_crash_of_the_window_is_shown_as_interrupted(open_window, ask, qtbot):
    desktop = open_window(worker(say(Token("Not in atrial")) + HANG))
    view = ask(desktop, wait=False)
    qtbot.waitUntil(lambda: shown(view) == "Not in atrial", timeout=10_000)
    desktop = open_window()  # the first window is closed while it streams
    desktop.window.history.view.clicked.emit(desktop.window.history.model.index(0, 0))
    (view,) = desktop.ask.turns.views
    assert shown(view) == "Not in atrial"
    assert "interrupted" in view.note.text()


def test_that_a_refusal_shows_its_reason_and_opens_the_nearest_document(open_window, ask, documents, qtbot):
    refusal = make_answer(
        QUESTION,
        "",
        refused=True,
        sentences=(),
        reason="Nothing is close enough.",
        nearest=(ref(documents[1]),),
    )
    desktop = open_window(worker(say(Answered(refusal), Done())))
    view = ask(desktop)
    assert "Nothing is close enough." in view.parts.refusal.text()
    rows = view.parts.documents.rows
    qtbot.keyClick(rows[0], Qt.Key.Key_Return)
    assert documents[1].title in desktop.ask.side.reader.text.toPlainText()


def test_that_a_failure_is_a_message_with_a_hint(open_window, ask):
    failure = Failed("model_unusable", "The model folder has no weights.", "Choose another model.")
    view = ask(open_window(worker(say(failure))))
    assert view.note.text() == "The model folder has no weights. Choose another model."
    assert not view.text.isVisible()


@pytest.mark.parametrize(
    ("hint", "shown_hint"),
    [
        ('Add files: vademecum library add "starter" FILE', "Add files to it on the Library page."),
        ("Add them again.", "Add them again."),
    ],
)
def test_that_a_hint_names_what_to_do_in_the_window_and_no_command(open_window, ask, hint, shown_hint):
    view = ask(open_window(worker(say(Failed("library_empty", "The library is empty.", hint)))))
    assert view.note.text() == f"The library is empty. {shown_hint}"


@pytest.mark.parametrize("width", range(900, 1300, 40))
def test_that_the_remark_on_a_missing_source_is_never_parted_from_its_sign(open_window, ask, cited, width):
    desktop = open_window(worker(answering(cited)))
    desktop.window.resize(width, 700)
    view = ask(desktop)
    document = view.text.document()
    start = view.text.icons[-1].start
    layout = document.findBlock(start).layout()
    lines = {layout.lineForTextPosition(n).lineNumber() for n in range(start, start + len("no source found"))}
    assert len(lines) == 1


def test_that_a_copied_selection_has_plain_spaces(open_window, ask, cited):
    view = ask(open_window(worker(answering(cited))))
    view.text.selectAll()
    assert view.text.createMimeDataFromSelection().text().endswith("They are cheap. no source found")


def test_that_what_is_being_done_is_shown_while_one_waits(open_window, ask, qtbot):
    desktop = open_window(worker(say(Status("Loading the model")) + HANG))
    view = ask(desktop, wait=False)
    assert not view.waiting.isVisible()  # not for a wait that nobody notices
    qtbot.waitUntil(lambda: view.waiting.isVisible() and "Loading the model…" in view.waiting.text())


def test_that_several_answers_can_be_switched(open_window, ask, cited, qtbot):
    from dataclasses import replace

    view = ask(open_window(worker(answering(replace(cited, alternatives=("Another answer [1].",))))))
    second = view._choices.layout().itemAt(1).widget()
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert shown(view) == "Another answer [1]."
    assert len(view.text.chips) == 1


def test_that_a_copied_answer_carries_its_references_and_the_notice(open_window, ask, cited, qtbot):
    view = ask(open_window(worker(answering(cited))))
    qtbot.mouseClick(view._copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "[1] Beta blockers in heart failure" in copied
    assert "PMID: 900001" in copied
    assert "Not medical advice." in copied


def test_that_answering_again_asks_the_same_question_without_its_old_answer(open_window, ask, qtbot):
    script = (
        "answer = str(len(request['history']))\n"
        "sys.stdout.write(json.dumps({'kind': 'Token', 'text': answer}) + '\\n')\n" + say(Done())
    )
    desktop = open_window(worker(script))
    view = ask(desktop)
    view.again_wanted.emit(view.turn.question)
    qtbot.waitUntil(lambda: len(desktop.ask.turns.views) == 2 and not desktop.session.busy)
    assert [shown(one) for one in desktop.ask.turns.views] == ["0", "0"]


def test_that_the_view_follows_new_words_only_from_its_end(open_window, ask, qtbot):
    lines = [Token(f"line {n}\n") for n in range(120)]
    script = say(*lines) + "time.sleep(0.6)\n" + say(*lines, Done())
    desktop = open_window(worker(script))
    view = ask(desktop, wait=False)
    bar = desktop.ask.turns.verticalScrollBar()
    qtbot.waitUntil(lambda: "line 119" in view.text.toPlainText() and bar.value() == bar.maximum() > 0)
    bar.setValue(100)
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    qtbot.wait(50)
    assert bar.value() == 100


def test_that_a_question_without_a_library_is_marked_as_unsourced(open_window, ask):
    answer = make_answer(QUESTION, "Perhaps.", libraries=(), notice="AI-generated without any source.")
    desktop = open_window(worker(answering(answer)))
    desktop.ask.libraries.choose(())
    view = ask(desktop)
    assert "without any source" in view.note.text()
    assert shown(view) == "Perhaps."


def test_that_found_evidence_stands_beside_the_words_while_they_stream(open_window, ask, documents, qtbot):
    desktop = open_window(worker(say(Found((make_passage(documents[0]),)), Token("Not")) + HANG))
    ask(desktop, wait=False)
    evidence = desktop.ask.side.evidence
    qtbot.waitUntil(lambda: len(evidence.cards) == 1, timeout=10_000)
    qtbot.keyClick(evidence.cards[0], Qt.Key.Key_Return)
    assert desktop.ask.side.reader.highlighted().startswith("We randomised")


def test_that_filters_and_libraries_go_with_the_question_and_stay_for_the_next(open_window, ask, documents):
    wanted = "(['starter', 'other'], 2015, 'trial')"
    script = "filters = request['filters']\nassert (request['libraries'], "
    script += f"filters['year_from'], filters['minimum_grade']) == {wanted}, request\n"
    answer = make_answer("?", "Yes.", libraries=(LibraryRef("starter", "1"), LibraryRef("other", "1")))
    desktop = open_window(worker(script + answering(answer)), libraries=FakeLibraries(documents, ["other"]))
    desktop.ask.libraries.choose(("starter", "other"))
    desktop.ask.filters.set_filters(Filters(year_from=2015, minimum_grade="trial"))
    for _ in range(2):
        view = ask(desktop)
        assert view.turn.state == "done"
        assert view.place.text() == "From starter + other"
    chips = desktop.ask.filters.chips
    assert [field for field, chip in chips.items() if chip.isVisible()] == ["years", "minimum_grade"]


def test_that_a_source_with_pages_and_doubts_says_so_on_its_card(open_window, ask, documents, qtbot):
    first = replace(documents[0], retracted=True, corrected=True)
    citation = replace(cite(first, RESULTS, 1, 0), page=12)
    desktop = open_window(worker(answering(make_answer(QUESTION, "Yes [1].", (citation,)))))
    ask(desktop)
    (card,) = desktop.ask.side.evidence.cards
    words = [label.text() for label in card.findChildren(QLabel)]
    assert "Journal of Examples, 2014, p. 12" in words
    assert [w for w in words if w in MARKS] == ["Retracted", "Corrected", "Systematic review"]


def test_that_a_citation_opens_in_the_library_it_was_found_in(open_window, ask, documents, qtbot):
    class Two(FakeLibraries):
        def document(self, library, document):
            return super().document(library, document) if library.name == "other" else None

    citation = cite(documents[0], RESULTS, 1, 0)
    citation = replace(citation, document=replace(citation.document, library="other"))
    libraries = (LibraryRef("starter", "1"), LibraryRef("other", "1"))
    answer = make_answer(QUESTION, "Yes [1].", (citation,), libraries=libraries)
    desktop = open_window(worker(answering(answer)), libraries=Two(documents, ["other"]))
    ask(desktop).text.citation_activated.emit(0)
    assert not desktop.ask.side.reader.message.text()
    assert desktop.ask.side.reader.highlighted() == RESULTS
