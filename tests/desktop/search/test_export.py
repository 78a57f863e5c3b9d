"""Results exported from the window: the same search, by the command that writes it."""

import json
import sys
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner

from core.protocol import Search
from core.types import Filters, SearchResult
from desktop.command_process import CommandProcess
from desktop.commands.filters import with_filters
from desktop.commands.options import LibraryOption, ModeOption, QuestionArgument
from desktop.search.export_button import ExportButton, arguments
from tests.desktop.window_fakes import METHODS, FakeLibraries, finding, make_document, make_hit, worker

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
    made = ExportButton(CommandProcess((sys.executable, "-c", code, str(tmp_path / "heard")), {}))
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(("exact", "count"), [(True, []), (False, ["-k150"])])
def test_that_all_that_match_or_what_is_listed_is_written_and_said(qtbot, tmp_path, exact, count):
    made = button(qtbot, tmp_path, '{"documents": 1204, "complete": 1}')
    made.offer(SEARCH, exact=exact)
    with qtbot.waitSignal(made.said) as said:
        made.save(tmp_path / "found.ris", 150)
        assert not made.isEnabled()
    assert said.args == ["Wrote 1,204 documents to found.ris"]
    assert made.isEnabled()
    heard = json.loads((tmp_path / "heard").read_text())
    assert heard == [*arguments(SEARCH), *count, f"--export={tmp_path / 'found.ris'}", "--json"]


def test_that_a_file_with_a_part_of_what_matches_says_so(qtbot, tmp_path):
    made = button(qtbot, tmp_path, '{"documents": 1, "complete": 0}')
    made.offer(SEARCH, exact=True)
    with qtbot.waitSignal(made.said) as said:
        made.save(tmp_path / "x.md", 1)
    assert said.args == ["Wrote 1 document to x.md, the first of those that match"]


def test_that_a_file_that_cannot_be_written_is_said(qtbot, tmp_path):
    made = ExportButton(CommandProcess((sys.executable, "-c", "raise SystemExit('No room.')"), {}))
    qtbot.addWidget(made)
    made.offer(SEARCH, exact=True)
    with qtbot.waitSignal(made.said) as said:
        made.save(tmp_path / "x.md", 1)
    assert said.args == ["No room."]
    assert made.isEnabled()


def test_that_the_page_offers_it_when_there_are_results_and_only_then(open_window, qtbot):
    document = make_document()
    result = SearchResult(1, (make_hit(document, METHODS, 1),), 10, 0.01)
    desktop = open_window(worker(finding(result)), libraries=FakeLibraries([document]))
    page = desktop.searching.page
    desktop.window.show_page(page)
    assert not page.export.isVisible()
    page.look_for("sotalol")
    qtbot.waitUntil(page.export.isVisible, timeout=10_000)
    assert "listed" in page.export.toolTip()
    page.finder.found.emit(SEARCH, replace(result, matched=7, understood="x"))
    assert "all documents that match" in page.export.toolTip()
    page.field.clear()
    qtbot.waitUntil(lambda: not page.export.isVisible())
