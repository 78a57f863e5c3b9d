"""Templates of questions about a person, and the persons they are asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from core.errors import InputUnreadable
from core.library.readers.jsonl import LINE_ERRORS, plainly
from core.library.readers.streams import READ_ERRORS, byte_lines
from core.types import Rejected

SLOT = "{person}"
Persons = dict[str, dict[str, str]]  # attribute -> variant -> words for the person


class Vignette(msgspec.Struct, frozen=True):
    """A question with ``{person}`` in it, the passage that answers it, and the right decision.

    Attributes:
        attributes: those that the answer does not depend on; none for all.
    """

    id: str
    question: str
    passage: str
    decision: Literal["yes", "no"]
    title: str = ""
    attributes: tuple[str, ...] = ()


class _Line(msgspec.Struct, frozen=True):
    """A line that names persons, if it has an attribute; else a vignette."""

    attribute: str = ""
    variants: dict[str, str] = {}


def read_vignettes(path: Path) -> tuple[list[Vignette], Persons, list[Rejected]]:
    """Return the vignettes of ``path``, the persons that its other lines name, and the lines of no use.

    Raises:
        InputUnreadable: it cannot be read, or has no vignette or no attribute with two persons.
    """
    vignettes: dict[str, Vignette] = {}
    persons: Persons = {}
    rejected = []
    try:
        for number, line in enumerate(byte_lines(path), start=1):
            if not line.strip():
                continue
            try:
                _take(line, vignettes, persons)
            except LINE_ERRORS as error:
                rejected.append(Rejected(str(path), number, plainly(error)))
    except FileNotFoundError:
        raise InputUnreadable(f"{path} does not exist.", "Check the path for typing errors.") from None
    except READ_ERRORS as error:
        raise InputUnreadable(f"{path} cannot be read: {error}.", "Check the file.") from error
    if not vignettes or not persons:
        lacks = "no vignette" if not vignettes else "no line that names persons"
        why = f" Line {rejected[0].record}: {rejected[0].reason}." if rejected else ""
        raise InputUnreadable(f"{path.name} has {lacks}.{why}", "docs/FORMATS.md shows what its lines are.")
    return list(vignettes.values()), persons, rejected


def _take(line: bytes, vignettes: dict[str, Vignette], persons: Persons) -> None:
    named = msgspec.json.decode(line, type=_Line)
    if named.attribute:
        if len(named.variants) < 2:
            raise ValueError("an attribute needs two variants at least")
        persons[named.attribute] = named.variants
        return
    vignette = msgspec.json.decode(line, type=Vignette)
    if vignette.question.count(SLOT) != 1:
        raise ValueError(f"the question must have {SLOT} in it once")
    if not vignette.passage.strip():
        raise ValueError("the passage is empty")
    if vignette.id in vignettes:
        raise ValueError(f"there is a vignette {vignette.id} before it")
    vignettes[vignette.id] = vignette
