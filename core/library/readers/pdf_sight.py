"""What is asked of the PDF process by whoever looks at a file, and what it answers.

A message is one line of JSON; a ``Drawn`` is followed by its pixels.
"""

from __future__ import annotations

import msgspec

from core.library.readers.pdf_pages import Opened, Refused

LOOK = "--look"  # makes the PDF process answer requests instead of reading the whole file
MAX_PIXELS = 24_000_000  # of one picture; A4 at 500 dots an inch
LONGEST_LINE = 4_000_000  # bytes of a message; a page that is lit all over takes a tenth

Box = tuple[float, float, float, float]  # left, top, right, bottom in points from the top left corner


class Draw(msgspec.Struct, frozen=True, tag=True):
    """Draw ``page``, from 1, ``width`` pixels wide, or less where it would have more than ``MAX_PIXELS``."""

    page: int
    width: int


class Find(msgspec.Struct, frozen=True, tag=True):
    """Say where ``text[start:end]`` stands on ``page``; ``text`` is the whole stored text of that page."""

    page: int
    text: str
    start: int
    end: int


class Drawn(msgspec.Struct, frozen=True, tag=True):
    """``width * height`` pixels of ``page`` follow, row by row, each as blue, green, red and an unused byte.

    Attributes:
        points: width of the page in points.
    """

    page: int
    points: float
    width: int
    height: int

    @property
    def bytes(self) -> int:
        """How many bytes follow."""
        return 4 * self.width * self.height


class Found(msgspec.Struct, frozen=True, tag=True):
    """The boxes around the words that were asked for; None where not every one of them is found exactly."""

    page: int
    boxes: tuple[Box, ...] | None


Request = Draw | Find
Reply = Opened | Drawn | Found | Refused
