"""Results exported from the window: the same search, by the command that writes it."""

import json
import sys
from dataclasses import replace

import pytest
import typer
from PySide6.QtCore import Qt
from typer.testing import CliRunner

from core.protocol import Search
from core.types import Filters, SearchResult
from desktop.command_process import CommandProcess
from desktop.commands.filters import with_filters
from desktop.commands.options import LibraryOption, ModeOption, QuestionArgument
from desktop.search.export_bar import ExportBar, arguments
from tests.desktop.window_fakes import METHODS, FakeLibraries, finding, make_document, make_hit, worker

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # the plugin without a screen

SEARCH = Search("beta blockers", ("starter",), 50, "lexical")
WHOLE = Filters(
    1999, 2010, ("A, and B", "-C"), ("Review",), "trial", ("x",), ("eng",), ("a.ris",), ("mine",), True
)
SAYS = """
import json, sys
open(sys.argv[1], "w").write(json.dumps(sys.argv[2:]))
print(json.dumps(%s))
"""


@pytest.mark.parametrize("query", ["a b", "-asthma", "--help", "-", 'title:"x y" NOT z'])
@pytest.mark.parametrize("filters", [Filters(), WHOLE, Filters(year_to=2010), Filters(year_from=2010)])
def test_that_the_command_understands_the_same_search(query, filters):
    understood = []
    app = typer.Typer()

    @app.command()
    @with_filters
    def search(
        query: QuestionArgument, mode: ModeOption = None, library: LibraryOption = None, *, filters: Filters
    ) -> None:
        understood.append(Search(query.strip(), tuple(library), mode=mode, filters=filters))

    wanted = Search(query, ("starter", "-mine"), 10, "dense", filters)
    command, *rest = arguments(wanted)
    done = CliRunner().invoke(app, rest)
    assert (command, done.exit_code) == ("search", 0), done.output
    assert understood == [wanted]


def button(qtbot, tmp_path, says):
    code = SAYS % says
    made = ExportBar(CommandProcess((sys.executable, "-c", code, str(tmp_path / "heard")), {}))
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(("exact", "count"), [(True, []), (False, ["-k150"])])
def test_that_all_that_match_or_what_is_listed_is_written_and_said(qtbot, tmp_path, exact, count):
    made = button(qtbot, tmp_path, '{"documents": 1204, "complete": 1}')
    made.offer(SEARCH, exact=exact)
    with qtbot.waitSignal(made.said) as said:
        made.save(tmp_path / "found.ris", 150)
        assert not made.button.isVisibleTo(made)
    assert said.args == ["Wrote 1,204 documents to found.ris"]
    assert made.button.isVisibleTo(made)
    heard = json.loads((tmp_path / "heard").read_text())
    assert heard == [*arguments(SEARCH), *count, f"--export={tmp_path / 'found.ris'}", "--events", "--json"]


def test_that_a_file_with_a_part_of_what_matches_says_so(qtbot, tmp_path):
    made = button(qtbot, tmp_path, '{"documents": 1, "complete": 0}')
    made.offer(SEARCH, exact=True)
    with qtbot.waitSignal(made.said) as said:
        made.save(tmp_path / "x.md", 1)
    assert said.args == ["Wrote 1 document to x.md, the first of those that match"]


def test_that_a_file_that_cannot_be_written_is_said(qtbot, tmp_path):
    made = ExportBar(CommandProcess((sys.executable, "-c", "raise SystemExit('No room.')"), {}))
    qtbot.addWidget(made)
    made.offer(SEARCH, exact=True)
    with qtbot.waitSignal(made.said) as said:
        made.save(tmp_path / "x.md", 1)
    assert said.args == ["No room."]
    assert made.button.isVisibleTo(made)


SLOW = """
import json, pathlib, sys, time
path = pathlib.Path(next(a for a in sys.argv if a.startswith("--export=")).removeprefix("--export="))
def tell(step, done, total):
    print(json.dumps({"step": step, "done": done, "total": total}), file=sys.stderr, flush=True)
path.with_name(path.name + ".new").write_text("half")
tell("write", 1500, 12340)
time.sleep(30)
"""


@pytest.mark.parametrize(
    ("before", "said"), [(None, "Stopped. x.ris was not written."), ("old", "Stopped. x.ris is as it was.")]
)
def test_that_it_says_how_far_it_is_and_a_stop_leaves_nothing_behind(qtbot, tmp_path, before, said):
    path = tmp_path / "x.ris"
    if before:
        path.write_text(before)
    made = ExportBar(CommandProcess((sys.executable, "-c", SLOW), {}))
    qtbot.addWidget(made)
    made.show()
    made.offer(SEARCH, exact=True)
    made.save(path, 1)
    made.offer(None, exact=False)  # another search does not take it away
    qtbot.waitUntil(lambda: made.doing.text() == "1,500 of 12,340 records written", timeout=5000)
    assert (made.bar.value(), made.bar.maximum()) == (1500, 12340)
    with qtbot.waitSignal(made.said, timeout=2000) as heard:
        qtbot.keyClick(made.stop, Qt.Key.Key_Space)
    assert heard.args == [said]
    assert [file.name for file in tmp_path.iterdir()] == (["x.ris"] if before else [])
    assert (path.read_text() if path.exists() else None) == before
    assert not made.isVisible()


def test_that_a_file_that_was_whole_before_the_stop_is_not_denied(qtbot, tmp_path):
    path = tmp_path / "x.ris"
    code = SLOW.replace("tell(", "path.with_name(path.name + '.new').replace(path); tell(", 2)
    code = code.replace("def path.with_name(path.name + '.new').replace(path); tell(", "def tell(")
    made = ExportBar(CommandProcess((sys.executable, "-c", code), {}))
    qtbot.addWidget(made)
    made.offer(SEARCH, exact=True)
    made.save(path, 1)
    qtbot.waitUntil(path.exists, timeout=5000)
    with qtbot.waitSignal(made.said, timeout=2000) as heard:
        made.stop.click()
    assert heard.args == ["x.ris was written before it could be stopped."]


def test_that_a_window_that_closes_leaves_no_half_file(qtbot, tmp_path):
    made = ExportBar(CommandProcess((sys.executable, "-c", SLOW), {}))
    qtbot.addWidget(made)
    made.offer(SEARCH, exact=True)
    made.save(tmp_path / "x.ris", 1)
    qtbot.waitUntil(lambda: "12,340" in made.doing.text(), timeout=5000)
    made.shut_down()
    assert not list(tmp_path.iterdir())


def test_that_the_page_offers_it_when_there_are_results_and_only_then(open_window, qtbot):
    document = make_document()
    result = SearchResult(1, (make_hit(document, METHODS, 1),), 10, 0.01)
    desktop = open_window(worker(finding(result)), libraries=FakeLibraries([document]))
    page = desktop.searching.page
    desktop.window.show_page(page)
    assert not page.export.isVisible()
    page.look_for("sotalol")
    qtbot.waitUntil(page.export.isVisible, timeout=10_000)
    assert "listed" in page.export.button.toolTip()
    page.finder.found.emit(SEARCH, replace(result, matched=7, understood="x"))
    assert "all documents that match" in page.export.button.toolTip()
    page.field.clear()
    qtbot.waitUntil(lambda: not page.export.isVisible())
