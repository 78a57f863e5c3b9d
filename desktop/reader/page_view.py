"""A page of a PDF as it was printed, with the passage lit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from core.library.readers.pdf_sight import Box, Draw, Find, Found
from core.types import Document, Span
from desktop.reader.page_bar import PageBar
from desktop.reader.page_canvas import PageCanvas
from desktop.reader.pdf_file import PdfFile, Picture
from desktop.reader.pdf_passage import PassageOnPages
from desktop.reader.pdf_process import PdfProcess
from desktop.theme import GRID

ZOOM_STEP, LEAST_ZOOM, MOST_ZOOM = 1.25, 0.5, 5.0
_COMFORTABLE = 110 * GRID  # a page need not be wider to be read
_SLOW_MS = 300  # a page that takes longer is announced
_SETTLED_MS = 120  # a window that is dragged larger changes its size all the time


class PageView(QWidget):
    """One page at a time, as wide as there is room; larger and smaller by buttons and Ctrl + wheel.

    The pages are drawn by a process of their own, so all of it comes a moment later. The process is there
    while the view is shown.
    """

    page_changed = Signal(int)  # from 1
    failed = Signal(str)  # nothing of this file can be shown, in a sentence
    noted = Signal(str)  # what could not be done with the page or the passage, or nothing

    def __init__(self, command: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.file = PdfFile(PdfProcess(command), self)
        self.page = 1
        self._count = 0  # not known until the file is open
        self._passage: PassageOnPages | None = None
        self._zoom = 1.0  # of the width that fits
        self._unseen = False  # the passage has to be scrolled to
        self.canvas = PageCanvas()
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.area.setWidget(self.canvas)
        self.area.viewport().installEventFilter(self)
        self.area.setAccessibleName(self.tr("Page of the PDF"))
        self.bar = PageBar()
        self._slow, self._settled = self._timer(_SLOW_MS), self._timer(_SETTLED_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.area, 1)
        self._connect()
        self.setFocusProxy(self.area)

    @property
    def lit(self) -> dict[int, tuple[Box, ...]]:
        """What is lit, in points, by page."""
        return self._passage.boxes if self._passage else {}

    @property
    def settled(self) -> bool:
        """True when what is looked at is drawn, and lit if it can be."""
        picture = self.file.picture(self.page)
        drawn = picture is not None and picture.asked == self._pixels()
        return drawn and not (self._passage and self._passage.open)

    def open(self, path: Path, document: Document, lit: Span | None) -> None:
        """Show the page of ``lit``, else the first."""
        if self.file.choose(path):
            self._count = 0
            self.canvas.clear(QSize())
        self._passage = PassageOnPages(document, lit)
        self.go_to(self._passage.first)

    def go_to(self, page: int) -> None:
        """Show ``page``, from 1."""
        page = max(1, min(page, self._count or page))
        if page != self.page:
            self.area.verticalScrollBar().setValue(0)
        self.page, self._unseen = page, True
        self.bar.tell(self.page, self._count)
        self._note()
        self._ask()
        self.page_changed.emit(self.page)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and event.modifiers() & Qt.KeyboardModifier.ControlModifier:  # type: ignore[attr-defined]
            up = event.angleDelta().y() > 0  # type: ignore[attr-defined]
            self._set_zoom(self._zoom * (ZOOM_STEP if up else 1 / ZOOM_STEP))
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_picture()
        self._settled.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._slow.stop()
        self._settled.stop()
        self.file.rest()

    def _timer(self, ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(ms)
        return timer

    def _connect(self) -> None:
        self.bar.previous.clicked.connect(lambda: self.go_to(self.page - 1))
        self.bar.next.clicked.connect(lambda: self.go_to(self.page + 1))
        self.bar.smaller.clicked.connect(lambda: self._set_zoom(self._zoom / ZOOM_STEP))
        self.bar.larger.clicked.connect(lambda: self._set_zoom(self._zoom * ZOOM_STEP))
        self._slow.timeout.connect(self._on_slow)
        self._settled.timeout.connect(self._ask)
        self.file.opened.connect(self._on_opened)
        self.file.drawn.connect(self._on_drawn)
        self.file.found.connect(self._on_found)
        self.file.refused.connect(self._on_refused)
        self.file.failed.connect(self._on_failed)

    def _set_zoom(self, zoom: float) -> None:
        self._zoom, self._unseen = max(LEAST_ZOOM, min(zoom, MOST_ZOOM)), True
        self._ask()

    def _width(self) -> int:
        """Return how wide the page is to be, in logical pixels."""
        bar = self.area.verticalScrollBar().sizeHint().width()
        fitting = max(20 * GRID, self.area.width() - bar - 2 * GRID)
        return round(min(fitting, _COMFORTABLE) * self._zoom)

    def _pixels(self) -> int:
        return round(self._width() * self.devicePixelRatioF())

    @Slot()
    def _ask(self) -> None:
        """Want what is looked at, then the pages beside it."""
        if self._passage is None or not self.isVisible():
            return
        beside = [page for page in (self.page + 1, self.page - 1) if 1 <= page <= self._count]
        ahead = beside if self._zoom <= ZOOM_STEP else []  # large pictures take memory
        self._slow.start()
        self.file.want([*self._passage.open, Draw(self.page, self._pixels())], ahead, self._pixels())
        self._show_picture()

    def _show_picture(self) -> None:
        """Show what there is of the page: maybe its picture in another size, until there is a better one."""
        picture = self.file.picture(self.page)
        if picture is None:
            return
        width, image = self._width(), picture.image
        size = QSize(width, max(1, round(width * image.height() / image.width())))
        self.canvas.show_page(image, size, self.lit.get(self.page, ()), picture.points)
        if picture.asked == self._pixels():
            self._slow.stop()
            self.bar.tell(self.page, self._count)
        if self._unseen and not (self._passage and self._passage.open):
            self._unseen = False
            QTimer.singleShot(0, self, self._scroll_to_lit)

    def _note(self) -> None:
        lost = self._passage is not None and self._passage.lost and self.page == self._passage.first
        words = self.tr(
            "The passage begins on this page, but its words could not be found exactly here, "
            "so nothing is lit. The text shows it."
        )
        self.noted.emit(words if lost else "")

    @Slot()
    def _on_slow(self) -> None:
        self.bar.tell(self.page, self._count, waiting=True)
        if self.file.picture(self.page) is None:
            self.canvas.clear(self._paper())

    @Slot(int)
    def _on_opened(self, count: int) -> None:
        self._count = count
        if self.page > count:
            self.go_to(count)
        else:
            self.bar.tell(self.page, self._count)
            self._ask()  # now that it is known which pages there are beside it

    @Slot(object)
    def _on_drawn(self, picture: Picture) -> None:
        if picture.page == self.page:
            self._show_picture()

    @Slot(object, object)
    def _on_found(self, question: Find, found: Found) -> None:
        if self._passage:
            self._passage.add(question, found)
            self._note()
            self._show_picture()

    @Slot(int, str)
    def _on_refused(self, page: int, reason: str) -> None:
        if page == self.page:
            self._slow.stop()
            self.bar.tell(self.page, self._count)
            self.canvas.clear(self._paper())
            self.noted.emit(self.tr("This page cannot be shown: {0}.").format(reason))

    @Slot(str)
    def _on_failed(self, words: str) -> None:
        self._slow.stop()
        self.failed.emit(words)

    def _paper(self) -> QSize:
        """Return the size of a page that is not known: the one before, or A4."""
        width, last = self._width(), self.canvas.size()
        return QSize(width, round(width * (last.height() / last.width() if not last.isEmpty() else 1.414)))

    @Slot()
    def _scroll_to_lit(self) -> None:
        if box := self.canvas.lit_box():
            bar = self.area.verticalScrollBar()
            bar.setValue(round(box.top()) - self.area.viewport().height() // 3)
            self.area.ensureVisible(round(box.left()), round(box.top()), 2 * GRID, 0)
