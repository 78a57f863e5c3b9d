"""What the user lets Vademecum keep to learn from: rated and corrected answers, and sources that were opened.

One JSON object a line in ``collected.jsonl``, version 1, on this computer alone. Nothing is written while the
setting ``collect`` is off; reading and deleting always work. Only the window writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from core.decoding import UNDECODABLE
from core.library.storage import storing, write_atomically
from core.paths import Home
from core.settings import settings_of
from core.tuning.pairs import Evidence
from core.types import Answer, Citation, DocumentRef, Passage

VERSION = 1
CollectedKind = Literal["good", "bad", "corrected", "click"]


@dataclass(frozen=True, slots=True)
class Collected:
    """One thing to learn from.

    Attributes:
        id: equal for the same answer, or the same source of the same question.
        kind: the answer was "good", "bad" or "corrected", or a source was opened ("click").
        question: as asked.
        answer: what should be answered, with its markers; empty for "bad" and "click".
        shown: what the model had written; empty for "click".
        evidence: what was cited, each document with the passages or quotes of it; the opened one for "click".
        model: that wrote the answer, or empty.
        when: UTC, ISO 8601.
    """

    id: str
    kind: CollectedKind
    question: str
    answer: str
    shown: str
    evidence: tuple[Evidence, ...]
    model: str
    when: str
    version: int = VERSION


def rated(answer: Answer, good: bool, passages: Sequence[Passage] = ()) -> Collected:
    """Return a rating of ``answer``; ``passages`` are those it was written from, where they are known."""
    kind: CollectedKind = "good" if good else "bad"
    return _made(kind, answer, answer.answer if good else "", _evidence(answer, passages))


def corrected(answer: Answer, text: str, passages: Sequence[Passage] = ()) -> Collected:
    """Return the answer that the user wrote in place of ``answer``."""
    return _made("corrected", answer, text.strip(), _evidence(answer, passages))


def click(question: str, document: DocumentRef, text: str) -> Collected:
    """Return that ``text``, a passage or quote of ``document``, was opened for ``question``."""
    evidence = (Evidence(document.title, _name(document), (("", text),)),)
    return Collected(_id(question, _name(document), text), "click", question, "", "", evidence, "", _now())


def answer_id(answer: Answer) -> str:
    """Return the id of whatever is kept of ``answer``."""
    return _id(answer.question, answer.answer, answer.model)


class CollectedPairs:
    """The file of one user."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.path = home.root / "collected.jsonl"

    @property
    def allowed(self) -> bool:
        """True if the user lets anything be kept."""
        return settings_of(self._home).collect

    def all(self) -> list[Collected]:
        """Return what was kept, oldest first; lines that cannot be read are passed over."""
        return read_collected(self.path)

    def get(self, identifier: str) -> Collected | None:
        """Return one by its id."""
        return next((item for item in self.all() if item.id == identifier), None)

    def keep(self, item: Collected) -> bool:
        """Keep ``item`` in place of an earlier one of its id; False, and nothing written, if not allowed."""
        if not self.allowed:
            return False
        if item.kind == "click" and self.get(item.id):
            return True
        lines = [line for line, old in self._lines() if not (old and old.id == item.id)]
        self._write([*lines, msgspec.json.encode(item)])
        return True

    def delete(self, identifiers: Sequence[str]) -> None:
        """Delete these; nothing happens if none is there."""
        lines, gone = self._lines(), set(identifiers)
        kept = [line for line, item in lines if not (item and item.id in gone)]
        if len(kept) < len(lines):
            self._write(kept)

    def delete_all(self) -> None:
        """Delete the file."""
        with storing(self._home.root):
            self.path.unlink(missing_ok=True)

    def restore(self, items: Sequence[Collected]) -> None:
        """Bring deleted ones back, in the order of time: the undo of ``delete`` and ``delete_all``."""
        there = self._lines()
        known = {item.id for _, item in there if item}
        unknown = [line for line, item in there if item is None]
        whole = [item for _, item in there if item] + [item for item in items if item.id not in known]
        whole.sort(key=lambda item: item.when)
        self._write([*unknown, *map(msgspec.json.encode, whole)])

    def export(self, path: Path) -> int:
        """Copy everything to ``path``, a file that ``vademecum train`` reads; return how many there are."""
        items = self.all()
        with storing(path.parent):
            write_atomically(path, b"".join(msgspec.json.encode(item) + b"\n" for item in items))
        return len(items)

    def _lines(self) -> list[tuple[bytes, Collected | None]]:
        return _lines_of(self.path)

    def _write(self, lines: Sequence[bytes]) -> None:
        with storing(self._home.root):
            write_atomically(self.path, b"".join(line + b"\n" for line in lines))


def read_collected(path: Path) -> list[Collected]:
    """Return what a file like ``collected.jsonl`` holds; lines that cannot be read are passed over."""
    return [item for _, item in _lines_of(path) if item]


def _lines_of(path: Path) -> list[tuple[bytes, Collected | None]]:
    """Return each line with what it says; None for one that is damaged or of a newer version."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    return [(line, _decoded(line)) for line in lines if line.strip()]


def _decoded(line: bytes) -> Collected | None:
    try:
        item = msgspec.json.decode(line, type=Collected)
    except UNDECODABLE:
        return None
    return item if item.version == VERSION else None


def _made(kind: CollectedKind, answer: Answer, text: str, evidence: tuple[Evidence, ...]) -> Collected:
    identifier = answer_id(answer)
    return Collected(identifier, kind, answer.question, text, answer.answer, evidence, answer.model, _now())


def _evidence(answer: Answer, passages: Sequence[Passage]) -> tuple[Evidence, ...]:
    """Return the cited documents in the order of their markers; the closest sentences where none is cited."""
    found: dict[str, Evidence] = {}
    for citation in sorted(answer.citations or answer.closest, key=lambda one: one.marker):
        name, text = _name(citation.document), _read(citation, passages)
        part = found.setdefault(name, Evidence(citation.document.title, name, ()))
        if ("", text) not in part.sections:
            found[name] = replace(part, sections=(*part.sections, ("", text)))
    return tuple(found.values())


def _read(citation: Citation, passages: Sequence[Passage]) -> str:
    """Return the whole passage that ``citation`` quotes, or the quote if it is not among ``passages``."""
    chunks = (passage.chunk for passage in passages)
    return next((chunk.text for chunk in chunks if chunk.id == citation.chunk_id), citation.quote)


def _name(document: DocumentRef) -> str:
    return document.pmid or document.doi or document.id


def _id(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
