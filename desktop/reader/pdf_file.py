"""The pages of one PDF that are looked at: what is wanted of them, in order, and the last pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from core.library.readers.pdf_sight import Draw, Drawn, Find, Found, Request
from desktop.reader.pdf_process import PdfProcess

MAX_KEPT = 160_000_000  # bytes of pictures, unless one alone has more
AHEAD_MS = 2_000  # what takes longer is not drawn before it is looked at


@dataclass(frozen=True, slots=True)
class Picture:
    """A page that was drawn ``asked`` pixels wide; it is less wide where that would be too much."""

    page: int
    asked: int
    points: float  # width of the page
    image: QImage


class PdfFile(QObject):
    """Opens the file with the first thing that is wanted of it; only the latest wishes count.

    ``failed`` is about what is wanted now. A page that is drawn ahead, or was wanted before, may break the
    process: another one is started, and that page waits until somebody goes there.
    """

    opened = Signal(int)
    drawn = Signal(object)  # Picture
    found = Signal(object, object)  # Find, Found
    refused = Signal(int, str)  # page, why it cannot be drawn
    failed = Signal(str)

    def __init__(self, process: PdfProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = process
        process.setParent(self)
        self._path: Path | None = None
        self._pictures: dict[int, Picture] = {}  # the latest last
        self._urgent: Sequence[Request] = ()
        self._wanted: list[Request] = []
        self._asked: Request | None = None
        self._early = False  # it was not urgent when it was asked for
        self._slow: set[int] = set()  # pages that are not drawn ahead again
        process.opened.connect(self.opened)
        process.answered.connect(self._on_answer)
        process.ready.connect(self._next)
        process.failed.connect(self._on_failure)

    def choose(self, path: Path) -> bool:
        """Be about ``path`` from now on; return whether it was another file until now."""
        if path == self._path:
            return False
        self.rest()
        self._path = path
        self._pictures.clear()
        self._slow.clear()
        return True

    def rest(self) -> None:
        """Let go of the file; pictures are kept, and what is wanted next opens it again."""
        self._wanted, self._asked = [], None
        self._process.close()

    def picture(self, page: int) -> Picture | None:
        """Return the latest picture of ``page``, of whatever size."""
        return self._pictures.get(page)

    def want(self, urgent: Sequence[Request], ahead: Sequence[int] = (), width: int = 0) -> None:
        """Ask for ``urgent``, then for pictures of pages ``ahead``, in place of what was wanted before."""
        self._urgent = urgent
        early = [Draw(page, width) for page in ahead if page not in self._slow]
        self._wanted = [request for request in (*urgent, *early) if not self._is_there(request)]
        self._next()

    def _is_there(self, request: Request) -> bool:
        if not isinstance(request, Draw):
            return request == self._asked
        held = self._pictures.get(request.page)
        return request == self._asked or (held is not None and held.asked == request.width)

    @Slot()
    def _next(self) -> None:
        if self._wanted and self._path and not self._process.running:
            self._process.open(self._path)
        elif self._wanted and self._process.idle:
            self._asked = self._wanted.pop(0)
            self._early = self._asked not in self._urgent
            self._process.send(self._asked, AHEAD_MS if self._early else None)

    @Slot(object, object)
    def _on_answer(self, reply: object, image: QImage | None) -> None:
        asked, self._asked = self._asked, None
        if isinstance(asked, Find):
            self.found.emit(asked, reply if isinstance(reply, Found) else Found(asked.page, None))
        elif isinstance(asked, Draw) and isinstance(reply, Drawn) and image is not None:
            picture = Picture(asked.page, asked.width, reply.points, image)
            self._keep(picture)
            self.drawn.emit(picture)
        elif isinstance(asked, Draw):
            self._slow.add(asked.page)
            self.refused.emit(asked.page, getattr(reply, "reason", ""))

    def _keep(self, picture: Picture) -> None:
        self._pictures.pop(picture.page, None)
        self._pictures[picture.page] = picture
        size = sum(held.image.sizeInBytes() for held in self._pictures.values())
        while len(self._pictures) > 1 and size > MAX_KEPT:
            oldest = self._pictures.pop(next(iter(self._pictures)))
            size -= oldest.image.sizeInBytes()

    @Slot(str)
    def _on_failure(self, words: str) -> None:
        asked, self._asked = self._asked, None
        if asked is None or (asked in self._urgent and not self._early):
            self._wanted = []
            self.failed.emit(words)
            return
        self._slow.add(asked.page)
        if asked in self._urgent:  # by now
            self._wanted.insert(0, asked)
        self._next()
