"""The results of a search as a list that grows as one scrolls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from core.types import Hit, SearchResult
from desktop.badges import badges
from desktop.chat.references import where

Index = QModelIndex | QPersistentModelIndex
PAGE = 50  # results that are asked for at once
HIT = Qt.ItemDataRole.UserRole


class ResultModel(QAbstractListModel):
    """Hits, best first. What comes after them is asked for by ``more_wanted`` and given to ``append``."""

    more_wanted = Signal(int)  # offset

    def __init__(self) -> None:
        super().__init__()
        self._hits: list[Hit] = []
        self._complete = True
        self._asked = False
        self.best = {"lexical": 0.0, "fused": 0.0}  # the highest scores, which the others are compared with

    def clear(self) -> None:
        """Show nothing."""
        self.show_first(())

    def show_first(self, hits: Sequence[Hit]) -> None:
        """Show the first page of a ranking instead of what there was."""
        self.beginResetModel()
        self._hits = list(hits)
        self._complete = len(hits) < PAGE
        self._asked = False
        self.best = {
            "lexical": max((hit.scores.lexical or 0.0 for hit in hits), default=0.0),
            "fused": max((hit.scores.fused for hit in hits), default=0.0),
        }
        self.endResetModel()

    def append(self, result: SearchResult) -> None:
        """Take the page that was asked for; one of an earlier ranking does not fit and is left."""
        if not self._asked or (result.hits and result.hits[0].rank != len(self._hits) + 1):
            return
        self._complete = len(result.hits) < PAGE
        if result.hits:
            first = len(self._hits)
            self.beginInsertRows(QModelIndex(), first, first + len(result.hits) - 1)
            self._hits += result.hits
            self.endInsertRows()
        self._asked = False

    def stop_asking(self) -> None:
        """The page that was asked for does not come; what there is stays."""
        self._asked, self._complete = False, True

    def hit(self, row: int) -> Hit | None:
        """Return the result in a row."""
        return self._hits[row] if 0 <= row < len(self._hits) else None

    @property
    def complete(self) -> bool:
        """True when there are no further results."""
        return self._complete

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's)
        return 0 if parent.isValid() else len(self._hits)

    def canFetchMore(self, parent: Index) -> bool:
        return not (parent.isValid() or self._complete or self._asked)

    def fetchMore(self, parent: Index) -> None:
        if not self.canFetchMore(parent):
            return
        self._asked = True
        self.more_wanted.emit(len(self._hits))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        hit = self.hit(index.row())
        if hit is None:
            return None
        if role == HIT:
            return hit
        if role == Qt.ItemDataRole.DisplayRole:
            return hit.document.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            marks = [badge.text for badge in badges(hit.document)]
            return ". ".join(filter(None, (hit.document.title, where(hit.document), *marks, hit.quote[:300])))
        return None
