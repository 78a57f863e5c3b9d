"""The list of results and, beside or under it, the one that is read."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListView, QSplitter, QWidget

from desktop.keys import shortcut
from desktop.library.source import Libraries
from desktop.search.result_panel import ResultPanel
from desktop.search.result_row import ResultRow
from desktop.search.results import ResultModel
from desktop.theme import GRID, set_role

BESIDE_FROM = 1000  # pixels of the window: the document stands beside the list, else under it


class ResultList(QSplitter):
    """J and K or the arrows walk, Enter opens, Esc goes back."""

    left = Signal()  # Esc in the list

    def __init__(self, libraries: Libraries, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ResultModel()
        self.model.setParent(self)
        self.row = ResultRow(self)
        self.view = QListView()
        set_role(self.view, "results")
        self.view.setModel(self.model)
        self.view.setItemDelegate(self.row)
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.verticalScrollBar().setSingleStep(3 * GRID)
        self.view.setAccessibleName(self.tr("Results"))
        self.panel = ResultPanel(libraries)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.addWidget(self.view)
        self.addWidget(self.panel)
        self.setSizes([500, 450])
        self.panel.hide()
        self.setFocusProxy(self.view)
        self.view.clicked.connect(self.open)
        self.view.activated.connect(self.open)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        self.panel.closed.connect(self.close_panel)
        shortcut("J", self, lambda: self._walk(1), inside=True)
        shortcut("K", self, lambda: self._walk(-1), inside=True)
        shortcut("Esc", self, self._step_back, inside=True)

    @property
    def reading(self) -> bool:
        """True while a document is open."""
        return not self.panel.isHidden()

    def enter(self) -> None:
        """Go into the list, to where one was or to the first result."""
        self.view.setFocus()
        if not self.view.currentIndex().isValid():
            self._walk(1)

    @Slot(QModelIndex)
    def open(self, index: QModelIndex) -> None:
        """Read the result of this row."""
        if hit := self.model.hit(index.row()):
            best = self.model.best
            self.panel.show_hit(hit, best["lexical"], best["fused"])
            self.panel.show()
            QTimer.singleShot(0, self, lambda: self.view.scrollTo(self.view.currentIndex()))

    @Slot()
    def close_panel(self) -> None:
        """Go back to the list, where it was."""
        self.panel.hide()
        self.view.setFocus()
        self.view.scrollTo(self.view.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.window().width() >= BESIDE_FROM
        self.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        super().resizeEvent(event)

    def _walk(self, step: int) -> None:
        row = self.view.currentIndex().row() + step
        if 0 <= row < self.model.rowCount():
            self.view.setCurrentIndex(self.model.index(row, 0))

    @Slot(QModelIndex)
    def _on_current(self, index: QModelIndex) -> None:
        if self.reading and index.isValid():
            self.open(index)

    @Slot()
    def _step_back(self) -> None:
        if self.reading:
            self.close_panel()
        else:
            self.left.emit()
