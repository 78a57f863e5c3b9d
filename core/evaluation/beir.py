"""Retrieval tasks in BEIR's layout (Thakur et al. 2021): queries as JSON lines, judgements as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.errors import InputUnreadable
from core.library.readers.jsonl import LINE_ERRORS, plainly
from core.library.readers.streams import READ_ERRORS, byte_lines
from core.types import Rejected


@dataclass(frozen=True, slots=True)
class Query:
    """A query and the ids of the documents that are right for it, one at least."""

    id: str
    text: str
    right: frozenset[str]


class _Line(msgspec.Struct, frozen=True):
    id: str | int = msgspec.field(name="_id")
    text: str


def read_queries(queries: Path, qrels: Path) -> tuple[list[Query], list[Rejected]]:
    """Return the queries that have a judgement, in their order, and the lines that could not be used.

    Raises:
        InputUnreadable: a file is missing or holds nothing of use; the message says which and what.
    """
    judged, rejected = _judgements(qrels)
    found: dict[str, Query] = {}
    decoder = msgspec.json.Decoder(_Line)
    for number, line in _lines(queries):
        try:
            one = decoder.decode(line)
        except LINE_ERRORS as error:
            rejected.append(Rejected(str(queries), number, plainly(error)))
            continue
        if right := judged.pop(str(one.id), None):
            found[str(one.id)] = Query(str(one.id), one.text, frozenset(right))
    if not found:
        raise InputUnreadable(
            f"No query of {queries.name} has a judgement in {qrels.name}.",
            'Queries are lines like {"_id": "1", "text": "..."}, judgements lines of query, document and '
            "relevance.",
        )
    missing = [Rejected(str(qrels), 0, f"there is no query {name}, which is judged") for name in judged]
    return list(found.values()), rejected + missing


def _judgements(qrels: Path) -> tuple[dict[str, set[str]], list[Rejected]]:
    """Return the right documents of each query: BEIR's three columns, or TREC's four."""
    judged: dict[str, set[str]] = {}
    rejected = []
    for number, line in _lines(qrels):
        cells = line.decode("utf-8", "replace").split()
        if len(cells) == 4:  # TREC: query, iteration, document, relevance
            del cells[1]
        try:
            query, document, relevance = cells
            if float(relevance) > 0:
                judged.setdefault(query, set()).add(document)
        except ValueError:
            if number > 1:  # the first line may be a heading
                rejected.append(Rejected(str(qrels), number, "it is not query, document and relevance"))
    return judged, rejected


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        for number, line in enumerate(byte_lines(path), start=1):
            if line.strip():
                yield number, line
    except FileNotFoundError:
        raise InputUnreadable(f"{path} does not exist.", "Check the path for typing errors.") from None
    except READ_ERRORS as error:
        raise InputUnreadable(f"{path} cannot be read: {error}.", "Check the file.") from error
