"""What is above a page: which one it is, the way to others, and its size."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop.icons import IconButton
from desktop.theme import GRID, set_role


class PageBar(QWidget):
    """Buttons and a place; whoever shows the page connects them."""

    def __init__(self) -> None:
        super().__init__()
        self.previous = IconButton(
            "previous", self.tr("Page before"), self.tr("Page before (PgUp)"), bare=True
        )
        self.next = IconButton("next", self.tr("Next page"), self.tr("Next page (PgDn)"), bare=True)
        self.place = QLabel()
        set_role(self.place, "muted")
        self.smaller = IconButton("minus", self.tr("Smaller"), bare=True)
        self.larger = IconButton("new", self.tr("Larger"), bare=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, 0, GRID, GRID // 2)
        for widget in (self.previous, self.place, self.next):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self.smaller)
        row.addWidget(self.larger)

    def tell(self, page: int, count: int, *, waiting: bool = False) -> None:
        """Say that ``page`` of ``count``, 0 while that is not known, is shown or waited for."""
        self.previous.setEnabled(page > 1)
        self.next.setEnabled(page < count)
        if waiting:
            self.place.setText(self.tr("Drawing p. {0} …").format(page))
        elif count:
            self.place.setText(self.tr("p. {0} of {1}").format(page, count))
        else:
            self.place.clear()
