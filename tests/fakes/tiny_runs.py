"""Runs of fine-tuning that are done: a merged model and a verdict, without any training."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.paths import Home
from core.tuning.recipe import AnyRecipe, Recipe
from core.tuning.reports import GateReport, Verdict
from core.tuning.runs import Run, Runs


def tiny_report(run: str, verdict: Verdict = "better") -> GateReport:
    """Return a comparison that came to this verdict."""
    return GateReport(1, run, "tiny-llama", "mine", verdict, f"It is {verdict}.", (), (), 20, 1.0)


def make_finished_run(
    home: Home, model: Path, recipe: AnyRecipe | None = None, verdict: Verdict | None = "better"
) -> Run:
    """Make a run whose model is a copy of ``model``; no verdict means that it was not compared yet."""
    run = Runs(home.runs).create(recipe or Recipe(name="mine"))
    shutil.copytree(model, run.merged)
    if verdict:
        run.write_report(tiny_report(run.id, verdict))
    return run
