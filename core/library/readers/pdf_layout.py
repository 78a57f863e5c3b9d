"""From the words on a page to its lines in reading order, without the line numbers of a draft's margin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise, product
from operator import attrgetter

from core.library.readers.pdf_pages import Line, Word

_NUMBER = re.compile(r"[0-9]{1,5}")
_ALIGNED = 3.0  # points that the numbers of a margin may differ in where they end
_SEEDS = 3  # numbers on each side that may be line numbers; others may stand further out
_BOTTOM = attrgetter("bottom")
_MANY_NUMBERS = 8  # in one margin, rising: line numbers
_GUTTER = 6.0  # points; the space between columns is wider
_LEADERS = re.compile(r"(?:\. ?){5}")  # of a table of contents
_CELLS = 2.5  # font sizes between words that are in two cells
_PROSE = 3.5  # words a line in each column, at least; cells of a table hold fewer
_JUMPING = 0.3  # share of lines after which the order changes sides: it is not the reading order


class Reading:
    """Reads the pages of one file in order; knows from one page to the next where line numbers stand."""

    def __init__(self) -> None:
        self._last_number: int | None = None  # of the margin

    def lines(self, words: Sequence[Word]) -> list[Line]:
        """Return the lines of the next page, in reading order; what stands on its side comes last."""
        upright = self._without_line_numbers([word for word in words if not word.turn])
        rows = [list(row) for _, row in groupby(upright, attrgetter("line"))]
        rows = [part for row in rows for part in _level(row)]
        columns = _columns(rows)
        aside = [list(row) for _, row in groupby((w for w in words if w.turn), attrgetter("line"))]
        numbered = [*enumerate(columns), *((len(columns) + n, [row]) for n, row in enumerate(aside))]
        return [_line(row, number) for number, rows in numbered for row in rows]

    def _without_line_numbers(self, words: list[Word]) -> list[Word]:
        numbers = self._line_numbers(words)
        if not numbers:
            return words
        self._last_number = int(numbers[-1].text)
        gone = set(map(id, numbers))
        return [word for word in words if id(word) not in gone]

    def _line_numbers(self, words: list[Word]) -> list[Word]:
        """Return the words that number the lines, in order: rising numbers beside the text, in a column."""
        digits = [word for word in words if _NUMBER.fullmatch(word.text)]
        columns = [
            (sorted(column, key=_BOTTOM, reverse=True), side)
            for side, edge in product((-1, 1), (attrgetter("left"), attrgetter("right")))
            for column in _outermost(digits, edge, side)
        ]
        found = [column for column, side in columns if self._rising(column) and _outside(words, column, side)]
        return max(found, key=len, default=[])

    def _rising(self, found: list[Word]) -> bool:
        values = [int(word.text) for word in found]
        steps = {after - before for before, after in pairwise(values)}
        if len(steps) > 1 or not steps <= {1, 5}:
            return False
        return len(found) >= _MANY_NUMBERS or (
            self._last_number is not None and values[0] - self._last_number in (1, 5)
        )


def _outermost(digits: list[Word], edge: Callable[[Word], float], side: int) -> Iterator[list[Word]]:
    """Yield columns of numbers that have an edge in common, the outermost on a side first."""
    for seed in sorted(digits, key=edge, reverse=side > 0)[:_SEEDS]:
        yield [word for word in digits if abs(edge(word) - edge(seed)) < _ALIGNED]


def _outside(words: Sequence[Word], numbers: Sequence[Word], side: int) -> bool:
    """True if all other words beside the numbers begin behind them (``side`` -1) or end before them (1)."""
    gone = set(map(id, numbers))
    low, high = numbers[-1].bottom, numbers[0].top
    others = [word for word in words if id(word) not in gone and low < (word.bottom + word.top) / 2 < high]
    if side < 0:
        edge = max(number.right for number in numbers) - 1
        return all(word.left >= edge for word in others)
    edge = min(number.left for number in numbers) + 1
    return all(word.right <= edge for word in others)


def _level(row: list[Word]) -> Iterator[list[Word]]:
    """Cut a row where it goes up or down by a line, or back to the left: it is several then."""
    held = [row[0]]
    for before, word in pairwise(row):
        height = max(min(before.top - before.bottom, word.top - word.bottom), 1.0)
        overlap = min(before.top, word.top) - max(before.bottom, word.bottom)
        if overlap < height * 0.3 or word.right < before.left:
            yield held
            held = []
        held.append(word)
    yield held


def _columns(rows: list[list[Word]]) -> list[list[list[Word]]]:
    """Return blocks of rows in reading order.

    The order of the file stands, as most are written in reading order, unless it goes to and fro between two
    columns of prose. Then each band between rows that reach across is read column by column.
    """
    gutter = _gutter(rows)
    if gutter is None:
        return [rows] if rows else []
    split = [part for row in rows for part in _split(row, gutter)]
    sides = [_side(row, gutter) for row in split]
    jumps = sum(before + after == 1 for before, after in pairwise(sides) if {before, after} == {0, 1})
    if jumps < _JUMPING * len(split) or not _is_prose(split, sides):
        return _in_file_order(rows, gutter)
    ordered = sorted(zip(split, sides, strict=True), key=lambda pair: -_middle(pair[0]))
    blocks: list[list[list[Word]]] = []
    for across, band in groupby(ordered, lambda pair: pair[1] == 2):
        rows_of_band = list(band)
        sides_of_band = (2,) if across else (0, 1)
        blocks += [[row for row, side in rows_of_band if side == wanted] for wanted in sides_of_band]
    return [block for block in blocks if block]


def _in_file_order(rows: list[list[Word]], gutter: float) -> list[list[list[Word]]]:
    return [list(block) for _, block in groupby(rows, lambda row: _side(row, gutter))]


def _gutter(rows: list[list[Word]]) -> float | None:
    """Return the middle of the widest upright strip in the middle half where next to no row has a word."""
    words = [word for row in rows for word in row]
    if len(words) < 40:
        return None
    left, right = min(word.left for word in words), max(word.right for word in words)
    first, last = int(left + (right - left) * 0.25), int(left + (right - left) * 0.75)
    covered = [0] * max(last - first, 1)
    for word in words:
        for point in range(max(int(word.left), first), min(int(word.right) + 1, last)):
            covered[point - first] += 1
    allowed = len(rows) * 0.12
    free = [point for point, count in enumerate(covered, start=first) if count <= allowed]
    runs = [[p for _, p in run] for _, run in groupby(enumerate(free), lambda pair: pair[1] - pair[0])]
    widest = max(runs, key=len, default=[])
    return (widest[0] + widest[-1] + 1) / 2 if len(widest) >= _GUTTER else None


def _split(row: list[Word], gutter: float) -> list[list[Word]]:
    """Cut a row at the gutter if there is a gap in it there."""
    left = [word for word in row if word.right <= gutter]
    right = [word for word in row if word.left >= gutter]
    if len(left) + len(right) < len(row) or not left or not right:
        return [row]
    gap = min(word.left for word in right) - max(word.right for word in left)
    return [left, right] if gap >= _GUTTER else [row]


def _side(row: list[Word], gutter: float) -> int:
    """Return 0 for a row left of the gutter, 1 right of it, 2 across."""
    if all(word.right <= gutter for word in row):
        return 0
    return 1 if all(word.left >= gutter for word in row) else 2


def _is_prose(rows: list[list[Word]], sides: list[int]) -> bool:
    for wanted in (0, 1):
        lengths = [len(row) for row, side in zip(rows, sides, strict=True) if side == wanted]
        if len(lengths) < 5 or sum(lengths) / len(lengths) < _PROSE:
            return False
    return True


def _middle(row: list[Word]) -> float:
    return (min(word.bottom for word in row) + max(word.top for word in row)) / 2


def _line(row: list[Word], column: int) -> Line:
    sizes: dict[float, int] = {}
    for word in row:
        sizes[word.size] = sizes.get(word.size, 0) + len(word.text)
    text = " ".join(word.text for word in row)
    apart = any(after.left - before.right > _CELLS * before.size for before, after in pairwise(row))
    return Line(
        text,
        round(min(word.left for word in row), 1),
        round(min(word.bottom for word in row), 1),
        round(max(word.right for word in row), 1),
        round(max(word.top for word in row), 1),
        max(sizes, key=lambda size: sizes[size]),
        all(word.bold for word in row if any(map(str.isalnum, word.text))),
        row[-1].hyphen,
        column,
        apart or _LEADERS.search(text) is not None,
    )
