"""What the PDF process says of a file: its start, its pages as lines, or why it refuses it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Word(NamedTuple):
    """A word on a page in points, x to the right and y up, as the page is read.

    Attributes:
        line: number of PDFium's line it is in, in the order of the file.
        hyphen: it ends with a hyphen that PDFium takes for one of typesetting.
        turn: quarter turns of its characters, anticlockwise from reading upright.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool
    line: int
    hyphen: bool = False
    turn: int = 0


class Line(msgspec.Struct, frozen=True, array_like=True):
    """A line of text; its box in points, y up. ``size`` is of its font, the one most of it is set in.

    Attributes:
        bold: all of it is.
        hyphen: it ends with a hyphen that may be one of typesetting.
        column: number of the block of lines it belongs to, in reading order.
        row: it is of a table: its words stand far apart, or dots lead from one to another.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool
    hyphen: bool = False
    column: int = 0
    row: bool = False


class Opened(msgspec.Struct, frozen=True, tag=True):
    """The first message: how many pages there are, and the title that the file itself gives."""

    pages: int
    title: str


class Page(msgspec.Struct, frozen=True, tag=True):
    """One page in reading order, from ``bottom`` to ``top``; ``drawn``: it has pictures and no text."""

    number: int
    bottom: float
    top: float
    lines: tuple[Line, ...]
    drawn: bool


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The last message, when the file or the page cannot be read; ``page`` 0 is the file."""

    page: int
    reason: str


Message = Opened | Page | Refused
