"""Evaluations from the form to the figures, with real processes that stand in for the worker."""

import csv
import json

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel

from core.evaluation.runs import Evaluations
from core.protocol import Done, Evaluated, Failed, Progress, Token
from desktop.evaluate.side_by_side import side_by_side
from tests.desktop.evaluate import results
from tests.desktop.evaluate.homes import keep
from tests.desktop.evaluate.results import PLANS, RESULTS
from tests.desktop.hands import shown
from tests.desktop.window_fakes import say, worker

RUNNING = say(Progress("Asking the questions", 37, 500, "items")) + "heard()\n" + say(Done(True))


@pytest.fixture
def page(open_window):
    """The window on the Evaluate page, with a worker that runs ``script``."""

    def opened(script=RUNNING):
        desktop = open_window(worker(script))
        desktop.window.show_page(desktop.evaluating.page)
        return desktop, desktop.evaluating.content

    return opened


def words_in(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def cells(table):
    model = table.model()
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def fill(page, folder):
    page.runs.new.click()
    page.form.show_kind("answers")
    page.form.fields.files["dataset"].set_paths([str(folder / "ori_pqal.json")])
    page.form.fields.limit.setValue(40)


def test_that_an_empty_page_says_what_it_is_for(page):
    _, evaluate = page()
    assert evaluate.runs.empty.isVisible()
    assert "how often search, answers and citations were right" in evaluate.runs.empty.text()
    assert not evaluate.runs.table.isVisible()


def test_that_what_is_filled_in_is_what_the_worker_is_asked(page, tmp_path, qtbot):
    heard = tmp_path / "heard.json"
    script = f"open({str(heard)!r}, 'w').write(json.dumps(request))\n" + RUNNING
    desktop, evaluate = page(script)
    fill(evaluate, tmp_path)
    evaluate.form.fields.settings["none"].setChecked(True)
    qtbot.mouseClick(evaluate.form.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: evaluate.runs.running.words.text() == "Asking the questions: 37 of 500")
    request = json.loads(heard.read_text())
    assert (request["kind"], request["measure"], request["resume"]) == ("Evaluate", "answers", "")
    assert request["options"] == {
        "dataset": str(tmp_path / "ori_pqal.json"),
        "corpus": [],
        "format": "pubmedqa",
        "settings": ["gold", "none"],
        "model": "",
        "limit": 40,
        "seed": 0,
    }
    desktop.evaluating.evaluator.stop()
    qtbot.waitUntil(lambda: not desktop.evaluating.evaluator.busy, timeout=10_000)
    assert not evaluate.runs.running.isVisible()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (
            "retrieval",
            {"corpus": "/c", "queries": "/q", "qrels": "/r", "modes": ["hybrid", "dense", "lexical"]},
        ),
        ("answers", {"dataset": "/d", "corpus": [], "format": "pubmedqa", "settings": ["gold"], "model": ""}),
        ("citations", {"claims": "/c"}),
        ("bias", {"templates": "", "model": ""}),
    ],
)
def test_that_the_form_makes_a_plan_that_the_evaluation_takes(page, kind, fields):
    from core.evaluation.plans import plan_of

    _, evaluate = page()
    evaluate.form.show_kind(kind)
    for name, value in fields.items():
        if name in evaluate.form.fields.files:
            evaluate.form.fields.files[name].set_paths([value] if value else [])
    options = evaluate.form.fields.options()
    assert options == {**fields, "limit": None, "seed": 0}
    plan_of(kind, options)


def test_that_a_missing_file_is_said_and_nothing_is_started(page):
    desktop, evaluate = page()
    evaluate.runs.new.click()
    evaluate.form.show_kind("retrieval")
    evaluate.form.start.click()
    assert evaluate.form.problem.text() == "Choose a file first: Documents."
    assert not desktop.evaluating.evaluator.busy


def test_that_files_dropped_together_land_where_their_names_belong(page):
    _, evaluate = page()
    evaluate.form.show_kind("retrieval")
    files = evaluate.form.fields.files
    names = ("queries.jsonl", "corpus.jsonl", "qrels.tsv")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(f"/data/{name}") for name in names])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    files["corpus"].dropEvent(QDropEvent(QPointF(), Qt.DropAction.CopyAction, data, buttons, keys))
    found = [files[name].paths for name in ("queries", "corpus", "qrels")]
    assert found == [(f"/data/{name}",) for name in names]


def test_that_a_finished_evaluation_shows_its_figures(page, home, qtbot, tmp_path):
    made = keep(home, "answers", PLANS["answers"], results.ANSWERS, 40)
    _, evaluate = page(say(Evaluated(made.id), Done()))
    fill(evaluate, tmp_path)
    evaluate.form.start.click()
    qtbot.waitUntil(lambda: evaluate.currentWidget() is evaluate.result, timeout=10_000)
    table = cells(evaluate.result.content.findChildren(type(evaluate.runs.table))[0])
    assert table[0][:4] == ["gold: own passages given", "40", "40", "0.620 (0.580 to 0.660)"]
    told = words_in(evaluate.result.content)
    assert "AI-generated from the cited library" in told
    assert "smollm2-135m-grounded" in told
    qtbot.keyClick(evaluate.result.back, Qt.Key.Key_Escape)
    assert evaluate.currentWidget() is evaluate.runs


@pytest.mark.parametrize(("kind", "plots"), [("retrieval", 1), ("answers", 3), ("citations", 1), ("bias", 1)])
def test_that_every_kind_has_plots_that_are_also_told_in_words(page, home, kind, plots):
    from desktop.evaluate.tables_view import ResultView

    _, evaluate = page()
    evaluate.show_run(keep(home, kind, PLANS[kind], RESULTS[kind]))
    (view,) = evaluate.result.content.findChildren(ResultView)
    assert len(view.plots) == plots
    assert all(plot.items and plot.view.accessibleDescription() for plot in view.plots)


def test_that_bars_are_as_high_as_the_figures(page, home):
    from desktop.evaluate.tables_view import ResultView

    _, evaluate = page()
    evaluate.show_run(keep(home, "retrieval", PLANS["retrieval"], results.RETRIEVAL))
    (view,) = evaluate.result.content.findChildren(ResultView)
    assert list(view.plots[0].items[0].opts["height"]) == [0.71, 0.65, 0.66]


def test_that_a_question_is_answered_while_an_evaluation_runs(page, qtbot, tmp_path):
    script = f"if request['kind'] == 'Ask': {say(Token('Yes.'), Done()).strip()}\nelse:\n" + "".join(
        f"    {line}\n" for line in RUNNING.splitlines()
    )
    desktop, evaluate = page(script)
    fill(evaluate, tmp_path)
    evaluate.form.start.click()
    qtbot.waitUntil(lambda: desktop.evaluating.evaluator.done == 37, timeout=10_000)
    desktop.ask.ask("Does it help?")
    qtbot.waitUntil(lambda: not desktop.session.busy, timeout=10_000)
    assert shown(desktop.ask.turns.views[0]) == "Yes."
    assert desktop.evaluating.evaluator.busy


def test_that_the_process_ends_with_the_evaluation(page, home, qtbot):
    made = keep(home, "bias", PLANS["bias"], results.BIAS)
    desktop, _ = page(say(Evaluated(made.id), Done()))
    desktop.evaluating.evaluator.start("bias", PLANS["bias"])
    worker_of = desktop.evaluating.evaluator._worker
    qtbot.waitUntil(lambda: not worker_of.busy and worker_of.process_id is None, timeout=10_000)


def test_that_a_stopped_one_is_resumed_by_its_id(page, home, tmp_path, qtbot):
    made = keep(home, "answers", PLANS["answers"], None, 12)
    heard = tmp_path / "heard.json"
    script = f"open({str(heard)!r}, 'w').write(json.dumps(request))\n" + RUNNING
    desktop, evaluate = page(script)
    assert cells(evaluate.runs.table)[0][4:] == ["stopped", "12"]
    qtbot.mouseClick(evaluate.runs.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(heard.exists, timeout=10_000)
    qtbot.waitUntil(lambda: evaluate.runs.running.isVisible())
    assert json.loads(heard.read_text())["resume"] == made.id
    assert not evaluate.runs.resume.isEnabled()  # one at a time
    desktop.evaluating.evaluator.stop()
    qtbot.waitUntil(lambda: not desktop.evaluating.evaluator.busy, timeout=10_000)


def test_that_a_failure_is_a_sentence_and_the_page_goes_on(page, qtbot, tmp_path):
    failure = Failed("input_unreadable", "ori_pqal.json has no questions.", "Choose another file.")
    desktop, evaluate = page(say(failure))
    fill(evaluate, tmp_path)
    evaluate.form.start.click()
    qtbot.waitUntil(lambda: "has no questions" in words_in(desktop.window.toast), timeout=10_000)
    assert evaluate.runs.new.isEnabled()


def test_that_two_of_a_kind_are_compared_figure_by_figure(page, home, qtbot):
    older = keep(home, "answers", PLANS["answers"], results.ANSWERS)
    keep(home, "bias", PLANS["bias"], results.BIAS)
    newer = keep(home, "answers", PLANS["answers"], results.SECOND_ANSWERS)
    _, evaluate = page()
    runs = evaluate.runs
    rows = [info.id for info in runs.infos]
    runs.table.clearSelection()
    for made in (older, newer):
        flags = runs.table.selectionModel().SelectionFlag
        runs.table.selectionModel().select(
            runs.table.model().index(rows.index(made.id), 0), flags.Select | flags.Rows
        )
    assert runs.compare.isEnabled()
    qtbot.mouseClick(runs.compare, Qt.MouseButton.LeftButton)
    assert evaluate.currentWidget() is evaluate.result
    assert "two evaluations compared" in evaluate.result.heading.text()
    runs.table.selectAll()
    assert not runs.compare.isEnabled()


def test_that_the_difference_is_the_second_less_the_first():
    (answers, *_) = side_by_side(results.ANSWERS, results.SECOND_ANSWERS)
    rows = {row[0]: row[1:] for row in answers.rows}
    assert rows["gold · accuracy"] == ("0.620 (0.580 to 0.660)", "0.670 (0.630 to 0.710)", "+0.05")
    assert rows["withheld · accuracy"][1:] == ("\u2013", "\u2013")  # only the first was asked so


def test_that_the_folder_of_the_report_is_opened(page, home, qtbot, monkeypatch):
    made = keep(home, "bias", PLANS["bias"], results.BIAS)
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    _, evaluate = page()
    evaluate.show_run(made)
    qtbot.mouseClick(evaluate.result.folder, Qt.MouseButton.LeftButton)
    assert opened == [str(made.folder)]


def test_that_answers_go_out_to_be_rated_and_the_ratings_come_back(page, home, qtbot, tmp_path, monkeypatch):
    keep(home, "answers", PLANS["answers"], results.ANSWERS, 4)
    desktop, evaluate = page()
    folder = tmp_path / "sheet"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    qtbot.mouseClick(evaluate.runs.sheet, Qt.MouseButton.LeftButton)
    assert "named after the rater" in words_in(desktop.window.toast)
    rows = list(csv.DictReader((folder / "sheet.csv").read_text("utf-8-sig").splitlines()))
    assert "smollm2" not in (folder / "sheet.csv").read_text(
        "utf-8-sig"
    )  # raters are not told whose they are
    copies = []
    for rater in ("ada", "ben"):
        copies.append(tmp_path / f"{rater}.csv")
        with copies[-1].open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            for row in rows:
                table.writerow({**row, "accuracy": 4, "relevance": 5, "coherence": 3, "harm": 5})
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path) for path in copies], ""))
    qtbot.mouseClick(evaluate.runs.ratings, Qt.MouseButton.LeftButton)
    assert evaluate.currentWidget() is evaluate.result
    told = words_in(evaluate.result.content)
    assert "Rated by ada, ben" in told
    means = cells(evaluate.result.content.findChildren(type(evaluate.runs.table))[0])
    assert means[0][2:4] == ["4", "4.000 (4.000 to 4.000)"]


def test_that_deleting_asks_first_and_takes_the_folder_away(page, home, monkeypatch):
    from PySide6.QtWidgets import QMessageBox

    made = keep(home, "bias", PLANS["bias"], results.BIAS)
    _, evaluate = page()
    answers = iter((QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: next(answers))
    evaluate.runs.delete.click()
    assert made.folder.is_dir()
    evaluate.runs.delete.click()
    assert Evaluations(home.evaluations).all() == []
    assert evaluate.runs.empty.isVisible()


def test_that_no_rebuild_starts_while_an_evaluation_runs(page, qtbot, tmp_path):
    desktop, _ = page()
    desktop.evaluating.evaluator.start("bias", PLANS["bias"])
    assert "evaluation is running" in desktop._rebuild_refused()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_that_plots_follow_the_theme(page, home, look):
    from desktop.evaluate.tables_view import ResultView
    from desktop.theme import colours

    desktop, evaluate = page()
    evaluate.show_run(keep(home, "bias", PLANS["bias"], results.BIAS))
    desktop.theme.set_appearance(look)
    (view,) = evaluate.result.content.findChildren(ResultView)
    inked = [bar.opts["brush"].color().name() for bar in view.plots[0].items]
    assert inked == [colours().accent, colours().warning]
