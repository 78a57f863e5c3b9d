"""A ranking of any length in a list that asks for it page by page."""

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QAbstractItemModelTester

from core.types import SearchResult, Span
from desktop.search.query_words import patterns
from desktop.search.result_list import ResultList
from desktop.search.result_row import in_utf16
from desktop.search.results import PAGE, ResultModel
from desktop.theme import colours
from tests.desktop.window_fakes import METHODS, FakeLibraries, make_document, make_hit

# a window of a test, without a screen, knows nothing of sizes
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

FRAME_MS = 16.7  # of a screen that shows 60 pictures a second
MANY = 100_000


def hits(first, count):
    document = make_document(1)
    hit = make_hit(document, METHODS)
    return tuple(
        replace(hit, rank=n, document=replace(hit.document, title=f"Result {n} of very many"))
        for n in range(first + 1, first + 1 + count)
    )


def page(offset, of):
    return SearchResult(1, hits(offset, max(0, min(PAGE, of - offset))), of, 0.01)


@pytest.fixture
def results(qtbot, documents):
    made = ResultList(FakeLibraries(documents))
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    return made


def test_that_the_model_keeps_to_the_rules_of_models(qtbot):
    model = ResultModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    asked = []
    model.more_wanted.connect(asked.append)
    model.show_first(page(0, 120).hits)  # the tester asks for more whenever it can
    while model.canFetchMore(QModelIndex()) or asked:
        model.fetchMore(QModelIndex())
        model.append(page(asked.pop(), 120))
    assert model.rowCount() == 120
    assert model.complete
    model.show_first(())
    assert model.rowCount() == 0
    tester.deleteLater()


def test_that_a_page_is_asked_for_once_and_only_at_the_end_of_what_there_is(results, qtbot):
    asked = []
    results.model.more_wanted.connect(asked.append)
    results.model.show_first(page(0, MANY).hits)
    qtbot.wait(50)
    assert asked == []
    results.view.scrollToBottom()
    qtbot.waitUntil(lambda: asked == [PAGE])
    results.view.scrollToTop()
    results.view.scrollToBottom()
    qtbot.wait(50)
    assert asked == [PAGE]
    results.model.append(page(3 * PAGE, MANY))  # of another search
    assert results.model.rowCount() == PAGE
    results.model.append(page(PAGE, MANY))
    assert results.model.rowCount() == 2 * PAGE


def test_that_a_hundred_thousand_results_are_painted_within_a_frame_wherever_one_is(results, qtbot):
    results.model.show_first(page(0, MANY).hits)
    results.model.more_wanted.connect(lambda offset: offsets.append(offset))
    offsets = []
    while results.model.rowCount() < MANY:
        results.model.fetchMore(QModelIndex())
        results.model.append(page(offsets.pop(), MANY))
    results.row.pattern = patterns("atrial fibrillation beta blockers placebo mortality")
    assert results.model.rowCount() == MANY
    bar, view = results.view.verticalScrollBar(), results.view
    picture = QPixmap(view.viewport().size())
    times = []
    for step in range(60):
        start = time.process_time()  # other programs of this computer do not count
        bar.setValue(bar.maximum() * step // 60)
        view.viewport().render(picture, QPoint(0, 0))
        times.append(1000 * (time.process_time() - start))
    times.sort()
    print(f"{len(times)} frames of {MANY:,} results: median {times[30]:.1f} ms, 95 % {times[57]:.1f} ms")
    assert times[57] < FRAME_MS


def test_that_marks_stand_right_after_characters_that_qt_counts_twice():
    text = "\U0001d6fd-blockers and \U0001d6fd"
    assert in_utf16(text, [Span(2, 10), Span(15, 16)]) == [(3, 8), (16, 2)]


def test_that_a_marked_word_is_painted_with_its_ground(results, qtbot):
    results.model.show_first(page(0, 1).hits)
    results.row.pattern = patterns("placebo")
    view = results.view
    box = view.visualRect(results.model.index(0, 0))

    def paper():
        picture = QPixmap(view.viewport().size())
        view.viewport().render(picture, QPoint(0, 0))
        image = picture.toImage()
        return {
            image.pixelColor(x, y).name() for x in range(box.width()) for y in range(box.top(), box.bottom())
        }

    assert colours().mark in paper()
    results.row.pattern = patterns("unicorn")
    assert colours().mark not in paper()
