"""The results of a search as a file, written by ``vademecum search --export`` beside the window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from core.library.storage import aside_of
from core.protocol import Search
from core.types import Filters
from desktop.command_process import CommandProcess
from desktop.theme import GRID, set_role
from desktop.words import number

MOST_PASSAGES = 1000  # of a search in plain language


class ExportBar(QWidget):
    """Writes all documents that match, or those of the listed passages where the query is plain language.

    A button; while it writes, how far that is, and another button to stop it.
    """

    wanted = Signal(object)  # Path: that somebody has chosen
    said = Signal(str)  # what was written, or why not

    def __init__(self, command: CommandProcess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._search: Search | None = None
        self._exact = self._stopping = False
        self._path = Path()
        self._before: object = None
        self.button = QPushButton(self.tr("Export…"))
        self.doing = QLabel()
        set_role(self.doing, "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(16 * GRID)
        self.bar.setAccessibleName(self.tr("How much of the file is written"))
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.setToolTip(self.tr("Stop writing, and leave no part of a file behind"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for widget in (self.doing, self.bar, self.stop, self.button):
            row.addWidget(widget)
        self.button.clicked.connect(self._on_click)
        self.stop.clicked.connect(self._on_stop)
        command.progressed.connect(self._on_progress)
        command.ended.connect(self._on_ended)
        self._refresh()

    @property
    def running(self) -> bool:
        """True while a file is written."""
        return self._command.busy

    def offer(self, search: Search | None, *, exact: bool) -> None:
        """Be there for the results of ``search``; go for None, once nothing is written any more."""
        self._search = search
        words = self.tr("Write the documents that are listed to a file: scroll to list more")
        self.button.setToolTip(self.tr("Write all documents that match to a file") if exact else words)
        self.button.setAccessibleDescription(self.button.toolTip())
        self._exact = exact
        self._refresh()

    def save(self, path: Path, listed: int) -> None:
        """Write to ``path``; of a search in plain language, the first ``listed`` passages."""
        if self._search is None or self._command.busy:
            return
        self._path, self._before, self._stopping = path, _state(path), False
        count = [] if self._exact else [f"-k{min(listed, MOST_PASSAGES)}"]
        self._command.start(*arguments(self._search), *count, f"--export={path}", "--events")
        self._on_progress("find", 0, None)
        self._refresh()
        self.stop.setFocus()

    def shut_down(self) -> None:
        """Stop, and wait until that is done."""
        if self._command.busy:
            self._command.shut_down()
            self._clean()

    def _refresh(self) -> None:
        running = self._command.busy
        for widget in (self.doing, self.bar, self.stop):
            widget.setVisible(running)
        self.stop.setEnabled(not self._stopping)
        self.button.setVisible(not running)
        self.setVisible(running or self._search is not None)

    def _clean(self) -> None:
        with suppress(OSError):
            aside_of(self._path).unlink(missing_ok=True)

    @Slot()
    def _on_click(self) -> None:
        kinds = self.tr("RIS, for reference managers (*.ris);;Table (*.csv);;Text (*.md)")
        path, kind = QFileDialog.getSaveFileName(self, self.tr("Export the results"), "results.ris", kinds)
        if path:
            suffix = "" if Path(path).suffix else "." + kind.rpartition("*.")[2].rstrip(")")
            self.wanted.emit(Path(path + suffix))

    @Slot()
    def _on_stop(self) -> None:
        self._stopping = True
        self._refresh()
        self._command.stop()

    @Slot(str, object, object)
    def _on_progress(self, step: str, done: int, total: int | None) -> None:
        if total:
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            words = (
                self.tr("Found {0} of {1} records")
                if step == "find"
                else self.tr("{0} of {1} records written")
            )
            self.doing.setText(words.format(number(done), number(total)))
        else:
            self.bar.setRange(0, 0)
            self.doing.setText(self.tr("Searching…"))

    @Slot(object, str)
    def _on_ended(self, printed: dict[str, Any], trouble: str) -> None:
        had_focus = self.stop.hasFocus()
        self._refresh()
        if had_focus and self.button.isVisible():
            self.button.setFocus()
        self.said.emit(self._outcome(printed, trouble))

    def _outcome(self, printed: dict[str, Any], trouble: str) -> str:
        if self._stopping and trouble:
            self._clean()
            if _state(self._path) == self._before:
                gone, kept = self.tr("Stopped. {0} was not written."), self.tr("Stopped. {0} is as it was.")
                return (kept if self._before else gone).format(self._path.name)
            return self.tr("{0} was written before it could be stopped.").format(self._path.name)
        if trouble:
            return trouble
        count = int(printed.get("documents", 0))
        one, many = self.tr("Wrote 1 document to {1}"), self.tr("Wrote {0} documents to {1}")
        said = (one if count == 1 else many).format(number(count), self._path.name)
        first = self.tr("{0}, the first of those that match")
        return said if printed.get("complete", True) else first.format(said)


def _state(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from one that took its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def arguments(search: Search) -> Iterator[str]:
    """Yield the command that searches for the same."""
    yield "search"
    yield f" {search.query}"  # with a space before it, a minus is no option
    yield f"--mode={search.mode}"
    yield from (f"--library={name}" for name in search.libraries)
    yield from _filters(search.filters)


def _filters(filters: Filters) -> Iterator[str]:
    if filters.year_from or filters.year_to:
        yield f"--year={filters.year_from or ''}-{filters.year_to or ''}"
    if filters.minimum_grade:
        yield f"--min-grade={filters.minimum_grade}"
    for option, values in (
        ("journal", filters.journals),
        ("type", filters.publication_types),
        ("mesh", filters.subjects),
        ("language", filters.languages),
        ("source", filters.sources),
        ("collection", filters.collections),
    ):
        yield from (f"--{option}={value}" for value in values)
    if filters.retracted:
        yield "--include-retracted"
