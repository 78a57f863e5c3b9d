"""Pictures of the Rebuild page and the wizard: ``python tests/desktop/wizard_screenshots.py FOLDER``."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

if len(sys.argv) < 2:
    sys.exit("usage: python tests/desktop/wizard_screenshots.py FOLDER [WORD]")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.hardware import Gpu, Hardware
from core.paths import Home
from core.settings import ModelSettings, Settings, write_settings
from desktop.app import Desktop, Programs
from desktop.immortal import keep_constants
from desktop.rebuild import rebuilding
from desktop.wizard.wizard import PageId, RebuildWizard
from tests.desktop.window_fakes import FakeLibraries, make_document, worker
from tests.fakes.hollow_model import SHAPES, make_hollow_embedder, make_hollow_model

WITH_GPU = Hardware(
    "3.11", "Linux", 16, 128_000_000_000, 96_000_000_000, 412_000_000_000,
    (Gpu("NVIDIA RTX 4090", 24_000_000_000, 22_300_000_000, "570"),),
)  # fmt: skip
WITHOUT = Hardware("3.11", "Linux", 8, 32_000_000_000, 19_000_000_000, 85_000_000_000)

keep_constants()


class Stage:
    """A window with models and files, until its picture is taken."""

    def __init__(
        self, app: QApplication, root: Path, hardware: Hardware, dark: bool, **options: object
    ) -> None:
        rebuilding.survey = lambda folder: hardware
        self.home = Home(root / "home")
        model = ModelSettings(language="smollm2-135m-instruct")
        write_settings(self.home.settings, Settings(appearance="dark" if dark else "light", model=model))
        for name in SHAPES:
            make_hollow_model(self.home.models, name)
        make_hollow_embedder(self.home.models / "all-minilm-l6-v2")
        self.files = [root / "ward-questions.jsonl", root / "bioasq-export.jsonl", root / "notes.csv"]
        for path, count in zip(self.files, (412, 1204, 20), strict=True):
            lines = [json.dumps({"question": "?", "answer": "Yes."}) for _ in range(count)]
            lines[5:7] = ["{half a record", json.dumps({"question": "?"})]
            path.write_text("\n".join(lines), "utf-8")
        training = [sys.executable, "-m", "tests.desktop.training_fake", json.dumps(options)]
        programs = Programs(worker("pass"), ["true"], training)
        self.desktop = Desktop(app, self.home, programs, FakeLibraries([make_document()]))
        self.desktop.window.resize(1280, 800)
        self.desktop.window.show()
        self.part = self.desktop.rebuilding
        self.desktop.window.show_page(self.part.page)

    @property
    def wizard(self) -> RebuildWizard:
        assert isinstance(self.part.wizard, RebuildWizard)
        return self.part.wizard

    def open(self) -> None:
        self.part.open_wizard()
        QTest.qWait(100)

    def add(self, *files: Path) -> None:
        self.part.draft.add_files([str(path) for path in files or self.files[:2]])
        self.settle()

    def settle(self) -> None:
        wait(lambda: not self.part.check.busy)

    def to(self, page: PageId) -> None:
        self.open()
        if not self.part.draft.sources:
            self.add()
        while self.wizard.currentId() < min(page, PageId.RUN):
            before = self.wizard.currentId()
            self.wizard.next()
            self.settle()
            if self.wizard.currentId() == before:
                raise RuntimeError(f"stuck on {before}")
        if page == PageId.RESULT:
            wait(lambda: not self.part.trainer.busy, 60)
            self.wizard.next()

    def close(self) -> None:
        self.desktop.shut_down(500)
        self.desktop.window.deleteLater()
        self.desktop.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait(until: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    QTest.qWait(50)
    while not until() and time.monotonic() < end:
        QTest.qWait(50)


def wizard(stage: Stage) -> QWidget:
    return stage.wizard


def window(stage: Stage) -> QWidget:
    return stage.desktop.window


def parts(stage: Stage) -> None:
    stage.open()
    stage.wizard.start.search.button.click()
    stage.wizard.start.library.button.click()


def all_files(stage: Stage) -> None:
    stage.to(PageId.FILES)
    stage.add(*stage.files)


def notices(stage: Stage) -> None:
    stage.to(PageId.FILES)
    for row in range(stage.wizard.files._notices.count()):
        if row < 2:
            stage.wizard.files._notices.itemAt(row).widget().button.click()


def papers(stage: Stage) -> None:
    stage.part.draft.set_parts(True, False, True)
    stage.part.draft.set_documents("my library", ["/data/export.nbib", "/data/half.xml.gz"])
    stage.to(PageId.FILES)


def expert(stage: Stage) -> None:
    stage.to(PageId.RECIPE)
    stage.wizard.recipe.tabs.setCurrentIndex(1)
    stage.wizard.recipe.form.rows["lora.rank"].editor.setText("999")
    stage.settle()


def running(stage: Stage) -> None:
    stage.to(PageId.RUN)
    wait(lambda: stage.part.trainer.story.step >= 100, 20)


def paused(stage: Stage) -> None:
    running(stage)
    stage.wizard.running.pause.click()
    wait(lambda: not stage.part.trainer.busy)


def several(stage: Stage) -> None:
    stage.part.draft.set_parts(True, True, False)
    running(stage)


def full(stage: Stage) -> None:
    stage.to(PageId.RUN)
    wait(lambda: not stage.part.trainer.busy, 20)


def result(stage: Stage) -> None:
    stage.to(PageId.RESULT)


def insisting(stage: Stage) -> None:
    result(stage)
    stage.wizard.outcome.activate.click()


def page_running(stage: Stage) -> None:
    running(stage)
    stage.wizard.close()


def page_done(stage: Stage) -> None:
    result(stage)
    stage.part.page._in_use = lambda: [("language", "my-assistant", stage.part.trainer.results[0])]
    stage.wizard.close()
    stage.part.page.refresh()


SHOTS = {
    "start": (lambda s: s.open(), wizard, {}),
    "start-all": (parts, wizard, {}),
    "start-no-gpu": (lambda s: s.open(), wizard, {"hardware": WITHOUT}),
    "files-empty": (lambda s: (s.open(), s.wizard.next()), wizard, {}),
    "files": (all_files, wizard, {"rich": True}),
    "files-notices": (notices, wizard, {"rich": True}),
    "files-papers": (papers, wizard, {}),
    "preview": (lambda s: s.to(PageId.PREVIEW), wizard, {"rich": True}),
    "recipe": (lambda s: s.to(PageId.RECIPE), wizard, {}),
    "recipe-expert": (expert, wizard, {}),
    "run": (running, wizard, {"steps": 160, "gpu": True}),
    "run-no-gpu": (running, wizard, {"steps": 160, "hardware": WITHOUT}),
    "run-several": (several, wizard, {"steps": 160, "gpu": True}),
    "run-paused": (paused, wizard, {"steps": 160, "gpu": True}),
    "run-out-of-memory": (full, wizard, {"steps": 40, "full_at": 20, "gpu": True}),
    "result-better": (result, wizard, {}),
    "result-worse": (insisting, wizard, {"verdict": "worse"}),
    "small-start": (parts, wizard, {}),
    "small-preview": (lambda s: s.to(PageId.PREVIEW), wizard, {}),
    "small-run": (several, wizard, {"steps": 160, "gpu": True}),
    "small-result": (result, wizard, {}),
    "page-empty": (lambda s: None, window, {}),
    "page-running": (page_running, window, {"steps": 160}),
    "page-done": (page_done, window, {}),
}


def main(folder: Path, word: str = "") -> None:
    folder = folder.absolute()
    os.chdir(Path(__file__).parents[2])  # the training process is a module of the tests
    app = QApplication(sys.argv[:1])
    folder.mkdir(parents=True, exist_ok=True)
    for dark in (False, True):
        for name, (use, part, options) in SHOTS.items():
            if word and word not in name:
                continue
            given = dict(options)
            hardware = given.pop("hardware", WITH_GPU)
            with tempfile.TemporaryDirectory() as root:
                stage = Stage(app, Path(root), hardware, dark, **given)
                use(stage)
                if name.startswith("small"):
                    stage.wizard.resize(stage.wizard.minimumSize())
                QTest.qWait(300)
                part(stage).grab().save(str(folder / f"{'dark-' if dark else ''}{name}.png"))
                stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
