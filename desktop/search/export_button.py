"""The results of a search as a file, written by ``vademecum search --export`` beside the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from core.protocol import Search
from core.types import Filters
from desktop.command_process import CommandProcess
from desktop.words import number

MOST_PASSAGES = 1000  # of a search in plain language


class ExportButton(QPushButton):
    """Writes all documents that match, or those of the listed passages where the query is plain language."""

    wanted = Signal(object)  # Path: that somebody has chosen
    said = Signal(str)  # what was written, or why not

    def __init__(self, command: CommandProcess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._search: Search | None = None
        self._exact = False
        self._path = Path()
        self.setText(self.tr("Export…"))
        self.clicked.connect(self._on_click)
        command.ended.connect(self._on_ended)
        self.hide()

    def offer(self, search: Search | None, *, exact: bool) -> None:
        """Be there for the results of ``search``; go for None."""
        self._search = search
        words = self.tr("Write the documents that are listed to a file: scroll to list more")
        self.setToolTip(self.tr("Write all documents that match to a file") if exact else words)
        self.setAccessibleDescription(self.toolTip())
        self._exact = exact
        self.setVisible(search is not None)

    def save(self, path: Path, listed: int) -> None:
        """Write to ``path``; of a search in plain language, the first ``listed`` passages."""
        if self._search is None or self._command.busy:
            return
        self.setEnabled(False)
        self.setText(self.tr("Exporting…"))
        self._path = path
        count = [] if self._exact else [f"-k{min(listed, MOST_PASSAGES)}"]
        self._command.start(*arguments(self._search), *count, f"--export={path}")

    @Slot()
    def _on_click(self) -> None:
        kinds = self.tr("RIS, for reference managers (*.ris);;Table (*.csv);;Text (*.md)")
        path, kind = QFileDialog.getSaveFileName(self, self.tr("Export the results"), "results.ris", kinds)
        if path:
            suffix = "" if Path(path).suffix else "." + kind.rpartition("*.")[2].rstrip(")")
            self.wanted.emit(Path(path + suffix))

    @Slot(object, str)
    def _on_ended(self, printed: dict[str, Any], trouble: str) -> None:
        self.setEnabled(True)
        self.setText(self.tr("Export…"))
        if trouble:
            self.said.emit(trouble)
            return
        count = int(printed.get("documents", 0))
        one, many = self.tr("Wrote 1 document to {1}"), self.tr("Wrote {0} documents to {1}")
        said = (one if count == 1 else many).format(number(count), self._path.name)
        self.said.emit(
            said
            if printed.get("complete", True)
            else self.tr("{0}, the first of those that match").format(said)
        )


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
