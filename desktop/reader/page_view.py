"""A page of a PDF as it was printed, with the passage lit."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPolygonF, QResizeEvent, QTransform
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from core.types import Document, Span
from desktop.icons import IconButton
from desktop.reader.pdf_passage import passage_on_pages
from desktop.theme import GRID, LIGHT, set_role

ZOOM_STEP, LEAST_ZOOM, MOST_ZOOM = 1.25, 0.5, 5.0
_COMFORTABLE = 110 * GRID  # a page need not be wider to be read
_WIDEST = 6000  # pixels of a rendered page: memory


class PageView(QWidget):
    """One page at a time, as wide as there is room; larger and smaller by buttons and Ctrl + wheel."""

    page_changed = Signal(int)  # from 1

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pdf = QPdfDocument(self)
        self.lit: dict[int, list[QPolygonF]] = {}  # outlines in points, by page
        self.page = 1
        self._path: Path | None = None
        self._zoom = 1.0  # of the width that fits
        self.canvas = _Canvas()
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.area.setWidget(self.canvas)
        self.area.viewport().installEventFilter(self)
        self.area.setAccessibleName(self.tr("Page of the PDF"))
        self.previous = IconButton(
            "previous", self.tr("Page before"), self.tr("Page before (PgUp)"), bare=True
        )
        self.next = IconButton("next", self.tr("Next page"), self.tr("Next page (PgDn)"), bare=True)
        self.place = QLabel()
        set_role(self.place, "muted")
        self.smaller = IconButton("minus", self.tr("Smaller"), bare=True)
        self.larger = IconButton("new", self.tr("Larger"), bare=True)
        row = QHBoxLayout()
        row.setContentsMargins(GRID, 0, GRID, GRID // 2)
        for widget in (self.previous, self.place, self.next):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self.smaller)
        row.addWidget(self.larger)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.area, 1)
        self.previous.clicked.connect(lambda: self.go_to(self.page - 1))
        self.next.clicked.connect(lambda: self.go_to(self.page + 1))
        self.smaller.clicked.connect(lambda: self._set_zoom(self._zoom / ZOOM_STEP))
        self.larger.clicked.connect(lambda: self._set_zoom(self._zoom * ZOOM_STEP))
        self.setFocusProxy(self.area)

    def open(self, path: Path, document: Document, lit: Span | None) -> str:
        """Show the page of ``lit``, else the first; return what could not be done, if anything."""
        if path != self._path:
            self._path = path
            if self.pdf.load(str(path)) != QPdfDocument.Error.None_:
                self.close_file()
                return self.tr("The PDF cannot be shown. The text is what was read from it.")
        found = passage_on_pages(self.pdf, document, lit) if lit else {}
        self.lit = found or {}
        first = next(iter(self.lit), None) or _page_of(document, lit)
        self.go_to(first)
        if found is None:
            return self.tr(
                "The passage begins on this page, but its words could not be found exactly here, "
                "so nothing is lit. The text shows it."
            )
        return ""

    def close_file(self) -> None:
        """Let the file go: on Windows, one that is open cannot be deleted."""
        self._path = None
        self.lit = {}
        self.pdf.close()

    def go_to(self, page: int) -> None:
        """Show ``page``, from 1."""
        self.page = max(1, min(page, self.pdf.pageCount()))
        self.previous.setEnabled(self.page > 1)
        self.next.setEnabled(self.page < self.pdf.pageCount())
        self.place.setText(self.tr("p. {0} of {1}").format(self.page, self.pdf.pageCount()))
        self._draw()
        QTimer.singleShot(0, self, self._scroll_to_lit)
        self.page_changed.emit(self.page)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and event.modifiers() & Qt.KeyboardModifier.ControlModifier:  # type: ignore[attr-defined]
            up = event.angleDelta().y() > 0  # type: ignore[attr-defined]
            self._set_zoom(self._zoom * (ZOOM_STEP if up else 1 / ZOOM_STEP))
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    def _set_zoom(self, zoom: float) -> None:
        self._zoom = max(LEAST_ZOOM, min(zoom, MOST_ZOOM))
        self._draw()
        self._scroll_to_lit()

    def _draw(self) -> None:
        points = self.pdf.pagePointSize(self.page - 1)
        if self._path is None or points.isEmpty():
            self.canvas.show_page(QImage(), [], 1.0)
            return
        bar = self.area.verticalScrollBar().sizeHint().width()
        fitting = max(20 * GRID, self.area.width() - bar - 2 * GRID)
        width = min(fitting, _COMFORTABLE) * self._zoom
        ratio = self.devicePixelRatioF()
        scale = min(width, _WIDEST / ratio) / points.width()
        size = QSize(round(points.width() * scale * ratio), round(points.height() * scale * ratio))
        image = self.pdf.render(self.page - 1, size)
        image.setDevicePixelRatio(ratio)
        self.canvas.show_page(image, self.lit.get(self.page, []), scale)

    @Slot()
    def _scroll_to_lit(self) -> None:
        if box := self.canvas.lit_box():
            bar = self.area.verticalScrollBar()
            bar.setValue(round(box.top()) - self.area.viewport().height() // 3)
            self.area.ensureVisible(round(box.left()), round(box.top()), 2 * GRID, 0)


class _Canvas(QWidget):
    """Paper with ink, and the marker drawn over it."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._outlines: list[QPolygonF] = []

    def show_page(self, image: QImage, outlines: list[QPolygonF], scale: float) -> None:
        """Show ``image`` with ``outlines``, which are in points, ``scale`` logical pixels each."""
        transform = QTransform.fromScale(scale, scale)
        self._image = image
        self._outlines = [transform.map(outline) for outline in outlines]
        self.resize(image.deviceIndependentSize().toSize())
        self.update()

    def lit_box(self) -> QRectF | None:
        """Return what is around all that is lit."""
        if not self._outlines:
            return None
        box = self._outlines[0].boundingRect()
        for outline in self._outlines[1:]:
            box = box.united(outline.boundingRect())
        return box

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))  # PDF pages are transparent where nothing is printed
        painter.drawImage(QPointF(0, 0), self._image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(LIGHT.mark))  # paper is light in the dark, too
        for outline in self._outlines:
            painter.drawPolygon(outline)


def _page_of(document: Document, lit: Span | None) -> int:
    if lit is None:
        return 1
    return max(1, sum(1 for start in document.pages if start <= lit.start))
