"""Takes pictures of the Evaluate page: ``python -m tests.desktop.evaluate.screenshots PREFIX``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest

from core.protocol import Done, Progress
from core.settings import Settings
from tests.desktop.evaluate import results
from tests.desktop.evaluate.homes import keep
from tests.desktop.evaluate.results import PLANS, RESULTS
from tests.desktop.screenshots import Studio
from tests.desktop.window_fakes import say

RUNNING = say(Progress("Asking the questions", 37, 500, "items")) + "heard()\n" + say(Done(True))


def fill(desktop, stopped=True):
    home = desktop._home
    if stopped:
        keep(home, "answers", PLANS["answers"], None, 37)
    made = {kind: keep(home, kind, plan, RESULTS[kind], 40) for kind, plan in PLANS.items()}
    made["second"] = keep(home, "answers", PLANS["answers"], results.SECOND_ANSWERS, 40)
    desktop.window.show_page(desktop.evaluating.page)
    desktop.evaluating.content.refresh()
    return made


def runs(desktop):
    fill(desktop)
    desktop.evaluating.evaluator.start("answers", PLANS["answers"])
    QTest.qWait(600)


def form(kind):
    def use(desktop):
        desktop.window.show_page(desktop.evaluating.page)
        page = desktop.evaluating.content
        page.runs.new.click()
        page.form.show_kind(kind)
        if kind == "answers":
            page.form.fields.files["dataset"].set_paths(["/data/pubmedqa/ori_pqal.json"])
        page.form.start.click() if kind == "retrieval" else None

    return use


def result(kind, down=0):
    def use(desktop):
        made = fill(desktop)
        desktop.evaluating.content.show_run(made[kind])
        QTest.qWait(100)
        desktop.evaluating.content.result._area.verticalScrollBar().setValue(down)

    return use


def two(desktop):
    made = fill(desktop)
    desktop.evaluating.content.show_two(made["answers"], made["second"])


def main(prefix: Path) -> None:
    studio = Studio(prefix.parent)
    for look in ("light", "dark"):
        for size in ((1000, 700), (1440, 900)):

            def take(name, use, script="", look=look, size=size):
                settings = Settings(appearance=look)
                studio.take(
                    f"{prefix.name}{name}-{look}-{size[0]}", use, script, size=size, settings=settings
                )

            take("eval-empty", lambda d: d.window.show_page(d.evaluating.page))
            take("eval-runs", runs, RUNNING)
            for kind in RESULTS:
                take(f"eval-form-{kind}", form(kind))
                take(f"eval-result-{kind}", result(kind))
            take("eval-result-answers-2", result("answers", 700))
            take("eval-compare", two)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
