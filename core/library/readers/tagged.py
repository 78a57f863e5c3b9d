"""Records of tagged lines, as RIS, EndNote and Web of Science write them, in flat memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.library.readers.streams import MAX_LINE, READ_ERRORS, Position, byte_lines, decode
from core.types import Document, Rejected

Fields = dict[str, list[str]]  # tag to values; what goes on in further lines keeps its line ends
_LOST = re.compile("[\udc80-\udcff]")  # what stands for bytes that are no characters

# What export services write between records, such as "Record #1 of 20".
_BETWEEN = re.compile(
    r"\s*(?:Record #?\d+( of \d+)?|<?\d{1,7}[>.)]?|[-=*_~#]+|"
    r"(?:Content|Database|Date|Provider|Results?|Search|Source)\b[^:]{0,40}:.*)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Syntax:
    """How the lines of one format are told.

    Attributes:
        line: a line that begins a field; groups ``tag``, ``gap`` (what is between tag and value, the same for
            all lines of a record) and ``value``.
        begins: whether a field (tag, value) is the first of a record.
        end: the tag that ends a record, or empty: a blank line before ``begins`` does.
        around: tags that stand for the file and not for a record.
        gap: usual value of that group, which a record has that lacks its first line; None if none may.
    """

    line: re.Pattern[str]
    begins: Callable[[str, str], bool]
    end: str = ""
    around: tuple[str, ...] = ()
    gap: str | None = ""


@dataclass(frozen=True, slots=True)
class _Stray:
    """Text that belongs to no record, as a reason."""

    reason: str


@dataclass(slots=True)
class _Open:
    """A record whose end has not come."""

    gap: str
    fields: Fields = field(default_factory=dict)
    last: list[str] = field(default_factory=list)  # values of the tag of the line before
    blank: str = ""  # blank lines since then
    size: int = 0
    lost: bool = False

    def add(self, tag: str, value: str) -> None:
        self.last = self.fields.setdefault(tag, [])
        self.last.append(value.strip())
        self.blank = ""

    def go_on(self, line: str) -> None:
        if self.last:
            self.last[-1] += f"\n{self.blank}{line.strip()}"
        self.blank = ""


def read_tagged(
    path: Path,
    syntax: Syntax,
    make: Callable[[Fields, str], Document],
    position: Position | None = None,
) -> Iterator[Document | Rejected]:
    """Yield what ``make`` makes of the fields of each record and the file's name; ValueError rejects one.

    Text that belongs to no record gives one rejection for each stretch of it. A last record without its end
    is rejected as cut off if those before it have theirs.
    """
    number = 0
    try:
        for number, found in _numbered(_Lines(byte_lines(path, position), syntax).records()):
            if not isinstance(found, dict):
                yield Rejected(str(path), number, found if isinstance(found, str) else found.reason)
                continue
            try:
                yield make(found, path.name)
            except ValueError as error:
                yield Rejected(str(path), number, str(error))
    except READ_ERRORS as error:
        yield Rejected(str(path), number + 1, f"the file cannot be read from here on: {error}")


def _numbered(found: Iterator[Fields | str | _Stray]) -> Iterator[tuple[int, Fields | str | _Stray]]:
    """Number the records; stray text has the number of the record before it."""
    number = 0
    for each in found:
        number += not isinstance(each, _Stray)
        yield number, each


class _Lines:
    """The way through the lines of one file."""

    def __init__(self, lines: Iterator[bytes], syntax: Syntax) -> None:
        self._lines = lines
        self._syntax = syntax
        self._open: _Open | None = None
        self._stray: tuple[int, int, str] | None = None  # first and last line, how it begins
        self._ended = 0  # records that ended with their tag

    def records(self) -> Iterator[Fields | str | _Stray]:
        """Yield the fields of a record, or why it cannot be taken, or stray text."""
        number = 0
        for number, encoded in enumerate(self._lines, start=1):
            try:
                line = decode(encoded).lstrip("\ufeff")
            except UnicodeDecodeError:
                line = encoded.decode("utf-8", "surrogateescape")
            yield from self._line(number, line)
        if self._open is not None:
            cut = bool(self._syntax.end) and self._ended > 0
            yield "the record is cut off before its end" if cut else self._close()
        yield from self._stray_text()

    def _line(self, number: int, line: str) -> Iterator[Fields | str | _Stray]:
        if not line.strip():
            if self._open is not None:
                self._open.blank += "\n"
            return
        found = self._syntax.line.match(line)
        tag, value, gap = (found["tag"], found["value"] or "", found["gap"]) if found else ("", "", "")
        if found and self._syntax.end == tag and not value.strip():
            if self._open is not None:
                yield self._close()
                self._ended += 1
        elif found and self._begins(tag, value, gap):
            if self._open is not None:
                yield self._close()
            yield from self._stray_text()
            self._open = _Open(gap)
            self._put(tag, value, line)
        elif self._open is not None:
            self._put(tag if found and gap == self._open.gap else "", value, line)
        elif tag not in self._syntax.around and not _BETWEEN.fullmatch(line):
            first, _, text = self._stray or (number, number, line.strip()[:60])
            self._stray = first, number, text

    def _begins(self, tag: str, value: str, gap: str) -> bool:
        if self._syntax.begins(tag, value):
            return True
        if self._open is None:  # its first line is lacking
            return gap == self._syntax.gap and tag not in self._syntax.around
        # Without a tag for the end, a blank line parts records that have no first line.
        loose = not any(self._syntax.begins(known, "") for known in self._open.fields)
        return not self._syntax.end and loose and bool(self._open.blank)

    def _put(self, tag: str, value: str, line: str) -> None:
        assert self._open is not None
        self._open.size += len(line)
        if self._open.size > MAX_LINE:
            self._open.fields.clear()
            self._open.last = []
            return
        self._open.lost |= _LOST.search(line) is not None
        if tag:
            self._open.add(tag, value)
        else:
            self._open.go_on(line)

    def _close(self) -> Fields | str:
        found, self._open = self._open, None
        assert found is not None
        if found.size > MAX_LINE:
            return f"the record is longer than {MAX_LINE >> 20} million characters"
        return "it is neither in UTF-8 nor in Windows-1252" if found.lost else found.fields

    def _stray_text(self) -> Iterator[_Stray]:
        if self._stray is not None:
            first, last, text = self._stray
            self._stray = None
            where = f"line {first} belongs" if first == last else f"lines {first} to {last} belong"
            yield _Stray(f"{where} to no record: {ascii(text) if _LOST.search(text) else repr(text)}")
