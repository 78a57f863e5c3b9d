"""Search as one types, in the real window, with small worker programs."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.protocol import Done, Facets, Failed, Searched, Status
from core.types import NO_FILTERS, Filters, Scores, SearchResult
from desktop.search.result_panel import ResultPanel
from desktop.search.why import Why
from tests.desktop.window_fakes import (
    CONCLUSION,
    METHODS,
    RESULTS,
    FakeLibraries,
    answering,
    finding,
    make_answer,
    make_document,
    make_hit,
    say,
    worker,
)

WAIT_MS = 10_000
FACETS = Facets(journals=(("Journal of Examples", 12), ("The Specimen", 3)), years=(1999, 2020))
# The title of what is found says what was asked for, after as long as the question says.
ECHO = """
if request['kind'] == 'Search':
    time.sleep(float(request['query'].split()[0]))
    found = json.loads(FOUND)
    found['result']['hits'][0]['document']['title'] = request['query']
    sys.stdout.write(json.dumps(found) + '\\n')
    sys.stdout.flush()
"""


@pytest.fixture
def hits(documents):
    return tuple(make_hit(one, METHODS, rank) for rank, one in enumerate(documents, 1))


def open_search(desktop):
    desktop.window.show_page(desktop.searching.page)
    return desktop.searching.page


def type_in(qtbot, page, text, wait=True):
    qtbot.keyClicks(page.field, text)
    if wait:
        qtbot.waitUntil(
            lambda: page.results.isVisible() and not (page._delay.isActive() or page._searcher.busy),
            timeout=WAIT_MS,
        )


def titles(page):
    model = page.results.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_that_results_come_as_one_types_and_the_passage_is_lit_beside_them(open_window, qtbot, hits):
    page = open_search(open_window(worker(finding(SearchResult(1, hits, 900, 0.01)))))
    assert page.examples.isVisible()
    type_in(qtbot, page, "beta blockers")
    assert titles(page) == [hit.document.title for hit in hits]
    assert page.count.text() == "The best matches among 900 passages"
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    assert page.results.view.hasFocus()
    qtbot.keyClick(page.results.view, Qt.Key.Key_Return)
    assert page.results.panel.reader.highlighted() == METHODS


def test_that_the_answer_to_an_older_search_is_never_shown(open_window, qtbot, hits):
    found = say(Searched(SearchResult(1, hits[:1], 900, 0.01))).split("write(")[1].split(");")[0]
    script = ECHO.replace("FOUND", found) + say(Done())
    page = open_search(open_window(worker(script)))
    shown = []
    page.results.model.modelReset.connect(lambda: shown.extend(titles(page)))
    page.look_for("0.6 first")
    qtbot.wait(200)
    page.look_for("0 second")
    page.look_for("0 third")
    qtbot.waitUntil(lambda: titles(page) == ["0 third"], timeout=WAIT_MS)
    assert shown == ["0 third"]


def test_that_a_search_while_an_answer_is_written_does_not_wait_for_it(open_window, qtbot, hits):
    script = "if request['kind'] == 'Ask': time.sleep(60)\n" + finding(SearchResult(1, hits, 9, 0.01))
    desktop = open_window(worker(script))
    desktop.ask.ask("Does it take long?")
    page = open_search(desktop)
    type_in(qtbot, page, "beta")
    assert desktop.session.busy
    assert titles(page)


def test_that_an_idle_search_process_ends_and_the_next_search_starts_another(open_window, qtbot, hits):
    desktop = open_window(worker(finding(SearchResult(1, hits, 9, 0.01))))
    page, searcher = open_search(desktop), desktop.searching.searcher
    type_in(qtbot, page, "beta")
    before = searcher._worker.process_id
    assert before
    assert searcher._idle.isActive()
    searcher._idle.timeout.emit()
    assert searcher._worker.process_id is None
    page.results.model.clear()
    type_in(qtbot, page, " blockers")
    assert searcher._worker.process_id not in (None, before)


def test_that_exact_matches_are_counted_and_what_was_understood_is_said(open_window, qtbot, hits):
    result = SearchResult(1, hits, 900, 0.01, 1204, "title:asthma AND NOT child*")
    page = open_search(open_window(worker(finding(result))))
    type_in(qtbot, page, "title:asthma NOT child*")
    assert "1,204 documents match" in page.count.text()
    assert "title:asthma AND NOT child*" in page.count.text()


def test_that_nothing_found_offers_to_leave_the_filters_out(open_window, qtbot):
    page = open_search(open_window(worker(finding(SearchResult(1, (), 900, 0.01)))))
    page.filters.set_filters(Filters(year_from=2015))
    type_in(qtbot, page, "unicorn", wait=False)
    qtbot.waitUntil(page.nothing.without_filters.isVisible, timeout=WAIT_MS)
    assert "unicorn" in page.nothing.note.text()
    qtbot.mouseClick(page.nothing.without_filters, Qt.MouseButton.LeftButton)
    assert page.filters.filters == NO_FILTERS
    qtbot.waitUntil(lambda: not page._searcher.busy and not page.nothing.without_filters.isVisible())


def test_that_a_search_that_fails_says_why_and_the_same_again_is_another_try(open_window, qtbot):
    failed = say(Failed("index_mismatch", "Made with another search model.", "Choose that model."))
    page = open_search(open_window(worker(failed)))
    type_in(qtbot, page, "beta", wait=False)
    qtbot.waitUntil(page.nothing.isVisible, timeout=WAIT_MS)
    assert page.nothing.note.text() == "Made with another search model. Choose that model."
    page.search()
    assert page._searcher.busy
    qtbot.waitUntil(lambda: not page._searcher.busy, timeout=WAIT_MS)


def test_that_a_search_that_takes_longer_says_what_it_does(open_window, qtbot):
    page = open_search(
        open_window(worker(say(Status("Loading the embedder")) + "heard()\n" + say(Done(True))))
    )
    type_in(qtbot, page, "beta", wait=False)
    qtbot.waitUntil(lambda: page.count.text() == "Loading the search model…", timeout=WAIT_MS)


def test_that_filters_go_with_the_search_and_their_values_come_from_the_libraries(open_window, qtbot, hits):
    wanted = "(request['filters']['year_from'], request['filters']['journals']) == (2015, ['The Specimen'])"
    script = f"if request.get('query') == 'beta' and request['filters']['year_from']: assert {wanted}\n"
    page = open_search(open_window(worker(script + finding(SearchResult(1, hits, 9, 0.01), FACETS))))
    qtbot.waitUntil(lambda: page.filters._facets == FACETS, timeout=WAIT_MS)
    page.filters.set_filters(Filters(year_from=2015, journals=("The Specimen",)))
    type_in(qtbot, page, "beta")
    assert page.filters.chips["years"].button.text() == "Years: since 2015"
    qtbot.mouseClick(page.filters.chips["years"].clear, Qt.MouseButton.LeftButton)
    assert page.filters.filters == Filters(journals=("The Specimen",))
    chip = page.filters.chips["journals"]
    qtbot.keyClick(chip.button, Qt.Key.Key_Delete)
    assert page.filters.filters == NO_FILTERS


# a window without a screen knows nothing of sizes, nor of the keyboard
@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_that_a_journal_is_found_by_typing_and_ticked_by_enter(open_window, qtbot):
    page = open_search(open_window(worker(finding(SearchResult(1, (), 9, 0.01), FACETS))))
    qtbot.waitUntil(lambda: page.filters._facets == FACETS, timeout=WAIT_MS)
    page.filters.open("journals")
    popup = page.filters.popup
    QTest.keyClicks(popup.box, "spec")
    assert [item.isHidden() for item in popup._items()] == [True, False]
    QTest.keyClick(popup.box, Qt.Key.Key_Return)
    QTest.keyClicks(popup.box, "A journal of my own")
    QTest.keyClick(popup.box, Qt.Key.Key_Return)
    assert page.filters.filters.journals == ("The Specimen", "A journal of my own")
    popup.close()


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_that_years_and_kinds_of_evidence_can_be_set(open_window, qtbot):
    page = open_search(open_window(worker(finding(SearchResult(1, (), 9, 0.01), FACETS))))
    page.filters.open("years")
    popup = page.filters.popup
    QTest.keyClicks(popup.first, "2015")
    assert page.filters.filters == Filters(year_from=2015)
    QTest.keyClicks(popup.last, "2020")
    assert page.filters.filters == Filters(year_from=2015, year_to=2020)
    popup.close()
    page.filters.open("minimum_grade")
    grades = page.filters.popup.list
    grades.setCurrentRow(3)
    QTest.keyClick(grades, Qt.Key.Key_Return)
    assert page.filters.filters.minimum_grade == "randomised trial"
    assert page.filters.chips["minimum_grade"].button.text() == "Randomised trial or better"


def test_that_j_and_k_walk_and_escape_goes_back_step_by_step(open_window, qtbot, hits):
    page = open_search(open_window(worker(finding(SearchResult(1, hits, 9, 0.01)))))
    type_in(qtbot, page, "beta")
    qtbot.keyClick(page.field, Qt.Key.Key_Down)
    view, reader = page.results.view, page.results.panel.reader
    qtbot.keyClick(view, Qt.Key.Key_J)
    assert view.currentIndex().row() == 1
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert hits[1].document.title in reader.text.toPlainText()
    qtbot.keyClick(view, Qt.Key.Key_K)
    assert hits[0].document.title in reader.text.toPlainText()
    reader.text.setFocus()
    qtbot.keyClick(reader.text, Qt.Key.Key_Escape)
    assert not page.results.reading
    assert view.hasFocus()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert page.field.hasFocus()


def test_that_a_result_that_is_not_in_the_library_any_more_shows_what_was_found(qtbot, hits):
    panel = ResultPanel(FakeLibraries([]))
    qtbot.addWidget(panel)
    panel.show_hit(hits[0], 8.0, 0.9)
    assert panel.reader.message.isVisibleTo(panel)
    assert panel.reader.highlighted() == METHODS


def test_that_why_tells_each_part_of_the_search_in_numbers_and_words(qtbot):
    why = Why()
    qtbot.addWidget(why)
    words, meaning, together, again = why.reasons(Scores(0.71, 4.0, 0.5, 2.25), 8.0, 1.0)
    assert (words.number, words.share, words.meaning) == ("4.0", 0.5, "50 % of the best match by words")
    assert (meaning.number, meaning.share) == ("0.71", 0.71)
    assert (together.number, together.share) == ("0.50", 0.5)
    assert (again.number, again.share) == ("2.25", None)
    assert "no word" in why.reasons(Scores(0.7, None, 0.5), 0.0, 1.0)[0].meaning


def test_that_what_is_only_listed_says_that_nothing_was_ranked(qtbot):
    why = Why()
    qtbot.addWidget(why)
    (only,) = why.reasons(Scores(None, None, 0.0), 0.0, 0.0)
    assert "newest first" in only.meaning


def test_that_an_example_is_tried_by_a_click(open_window, qtbot, hits):
    page = open_search(open_window(worker(finding(SearchResult(1, hits, 9, 0.01)))))
    qtbot.mouseClick(page.examples.buttons[1], Qt.MouseButton.LeftButton)
    assert page.field.text() == '"myocardial infarction"'
    qtbot.waitUntil(page.results.isVisible, timeout=WAIT_MS)


def test_that_a_page_that_was_scrolled_to_is_added(open_window, qtbot):
    document = make_document(1)
    many = tuple(make_hit(document, METHODS, rank) for rank in range(1, 51))
    first = say(Searched(SearchResult(1, many, 900, 0.01)), Done()).strip()
    rest = say(Searched(SearchResult(1, (make_hit(document, RESULTS, 51),), 900, 0.01)), Done()).strip()
    script = (
        f"if request['kind'] == 'Search' and request['offset'] == 0: {first}\n"
        f"if request['kind'] == 'Search' and request['offset'] == 50: {rest}\n"
        f"if request['kind'] == 'ListFacets': {say(Done()).strip()}\n"
    )
    page = open_search(open_window(worker(script)))
    type_in(qtbot, page, "beta")
    assert page.results.model.rowCount() == 50
    page.results.view.scrollToBottom()
    qtbot.waitUntil(lambda: page.results.model.rowCount() == 51, timeout=WAIT_MS)
    assert page.results.model.complete


def test_that_while_a_rebuild_has_the_graphics_card_words_alone_are_searched(open_window, qtbot, hits):
    script = "if request['kind'] == 'Search': assert request['mode'] == 'lexical'\n"
    desktop = open_window(worker(script + finding(SearchResult(1, hits, 9, 0.01))))
    desktop.searching._takes_graphics_card = lambda: True
    page = open_search(desktop)
    type_in(qtbot, page, "beta")
    assert "by words only" in page.count.text()


def test_that_an_answer_that_counted_is_listed_whole_by_a_click(open_window, qtbot, hits):
    from core.types import Counted

    counted = Counted("type:trial year:>=2015", 42, (hits[0].document,))
    answer = make_answer("how many trials since 2015", "42 documents match", counted=counted)
    script = finding(SearchResult(1, hits, 9, 0.01, 42, counted.query))
    script += "if request['kind'] == 'Ask':\n" + "".join(
        f"    {line}\n" for line in answering(answer).splitlines()
    )
    desktop = open_window(worker(script))
    desktop.ask.ask("how many trials since 2015")
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=WAIT_MS)
    rows = desktop.ask.turns.views[0].parts.documents
    assert len(rows.rows) == 1
    desktop.ask.turns.views[0].parts.documents.search_wanted.emit(counted.query)
    page = desktop.searching.page
    assert desktop.window.pages.currentWidget() is page
    assert page.field.text() == counted.query
    qtbot.waitUntil(lambda: "42 documents match" in page.count.text(), timeout=WAIT_MS)


def test_that_every_control_of_the_page_has_a_name_and_is_reached_by_tab(open_window, qtbot, hits):
    page = open_search(open_window(worker(finding(SearchResult(1, hits, 9, 0.01)))))
    type_in(qtbot, page, "beta")
    reached = [page.field]
    while len(reached) < 60:
        QTest.keyClick(reached[-1], Qt.Key.Key_Tab)
        reached.append(page.window().focusWidget())
    chips = [page.filters.chips[field].button for field in ("years", "minimum_grade", "journals")]
    for control in (page.chooser, *chips, page.filters.more, page.results.view):
        assert control in reached, control
        assert control.accessibleName(), control
    index = page.results.model.index(0, 0)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert hits[0].document.title in spoken
    assert "Systematic review" in spoken


def test_that_retracted_work_is_marked_in_the_list_and_above_the_document(open_window, qtbot, documents):
    bad = replace(documents[0], retracted=True, concern=True)
    found = SearchResult(1, (make_hit(bad, CONCLUSION),), 9, 0.01)
    page = open_search(open_window(worker(finding(found)), libraries=FakeLibraries([bad])))
    type_in(qtbot, page, "beta")
    page.results.enter()
    spoken = page.results.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Retracted. Expression of concern" in spoken
    page.results.open(page.results.view.currentIndex())
    reader = page.results.panel.reader
    labels = [reader._flow.itemAt(place).widget().text() for place in range(reader._flow.count())]
    assert labels == ["Retracted", "Expression of concern", "Systematic review"]
    assert "This publication was retracted" in reader.text.toPlainText()
