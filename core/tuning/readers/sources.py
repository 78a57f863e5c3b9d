"""The one way from a recipe's source to pairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.errors import DataUnusable
from core.library.readers.streams import READ_ERRORS
from core.paths import Home
from core.tuning.collected import CollectedPairs
from core.tuning.pairs import Pair
from core.tuning.readers import bioasq, collected, pubmedqa, question_lines, table
from core.tuning.readers.detect import checked_head, detect
from core.tuning.recipe import DataFormat, Source
from core.types import Rejected


def read_pairs(source: Source, home: Home) -> Iterator[Pair | Rejected]:
    """Yield the pairs of ``source`` in order, and why the other records cannot be used.

    Raises:
        DataUnusable: the file as a whole cannot be used, and why.
    """
    path = path_of(source, home)
    reader = _reader(path, format_of(source, home), source)
    number = 0
    try:
        for item in reader:
            number = item.record
            yield item
    except READ_ERRORS as error:
        yield Rejected(str(path), number + 1, f"the file cannot be read from here on: {error}")


def path_of(source: Source, home: Home) -> Path:
    """Return the file of ``source``: DataUnusable if it names none."""
    if source.path:
        return Path(source.path).expanduser()
    if source.format != "collected":
        raise DataUnusable("A source of training data names no file.", "Name a file, or delete the source.")
    path = CollectedPairs(home).path
    if not path.is_file():
        raise DataUnusable("No answers have been collected yet.", "Rate or correct answers, or name a file.")
    return path


def format_of(source: Source, home: Home) -> DataFormat:
    """Return the format that ``source`` is read as, never "auto"; DataUnusable if there is none."""
    path = path_of(source, home)
    if source.format == "auto":
        return detect(path)
    checked_head(path)
    return source.format


def _reader(path: Path, kind: DataFormat, source: Source) -> Iterator[Pair | Rejected]:
    match kind:
        case "pubmedqa":
            return pubmedqa.read(path)
        case "bioasq":
            return bioasq.read(path)
        case "collected":
            return collected.read(path)
        case "csv":
            return table.read(path, source.columns)
        case _:
            return question_lines.read(path, source.columns)
