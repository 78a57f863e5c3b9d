"""BioASQ golden files (Tsatsaronis et al. 2015): questions with snippets of several abstracts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from core.decoding import UNDECODABLE
from core.library.readers.json_items import elements, read_items
from core.library.records import clean, clean_line, clean_pmid
from core.tuning.pairs import Evidence, Pair
from core.tuning.readers.fields import pair
from core.types import Rejected

QUESTIONS = re.compile(r'"questions"\s*:\s*(?=\[)')
_PUBMED = re.compile(r"(?:pubmed(?:\.ncbi\.nlm\.nih\.gov)?)/([0-9]+)/?$")
_KINDS = {"yesno", "factoid", "list", "summary"}


class _Snippet(msgspec.Struct, frozen=True):
    text: str = ""
    document: str = ""
    section: str = msgspec.field(name="beginSection", default="")


class _Question(msgspec.Struct, frozen=True):
    """What is taken of a question; the forms of the exact answer differ by its type."""

    body: str = ""
    id: str = ""
    type: str = ""
    ideal_answer: str | list[str] | None = None
    exact_answer: Any = None
    snippets: list[_Snippet] | None = None


def read(path: Path) -> Iterator[Pair | Rejected]:
    """Yield the questions of ``path`` in order; where the JSON breaks off, one rejection for the rest."""
    return read_items(path, _questions, lambda item, number: _record(item, path, number))


def _questions(text: str) -> Iterator[Any]:
    found = QUESTIONS.search(text)
    return elements(text, found.end() if found else 0)


def _record(value: Any, path: Path, number: int) -> Pair | Rejected:
    try:
        item = msgspec.convert(value, _Question)
        values = {
            "question": item.body,
            "answer": item.ideal_answer,
            "decision": item.exact_answer if item.type == "yesno" else None,
            "id": item.id,
        }
        made = pair(values, path.name, number)
    except (ValueError, *UNDECODABLE) as error:
        return Rejected(str(path), number, str(error))
    kind = item.type if item.type in _KINDS else made.kind
    return replace(made, kind=kind, evidence=_evidence(item.snippets or []))


def _evidence(snippets: Sequence[_Snippet]) -> tuple[Evidence, ...]:
    """Return one evidence a document, in the order they are first named, each snippet one section.

    A snippet of the title is the title, unless there is nothing else.
    """
    texts: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for snippet in snippets:
        document, text = _document(snippet.document), clean(snippet.text)
        if snippet.section == "title":
            titles.setdefault(document, clean_line(text))
        else:
            texts.setdefault(document, []).append(text)
    texts.update({document: [title] for document, title in titles.items() if document not in texts})
    seen: set[str] = set()
    grouped = ((document, _without_repeats(parts, seen)) for document, parts in texts.items())
    return tuple(
        Evidence(_title(titles, document, parts), document, tuple(("", text) for text in parts))
        for document, parts in grouped
        if parts
    )


def _title(titles: Mapping[str, str], document: str, parts: Sequence[str]) -> str:
    title = titles.get(document, "")
    return "" if title in parts else title


def _without_repeats(texts: Sequence[str], seen: set[str]) -> list[str]:
    """Return ``texts`` without those seen before and those that stand within another of the same document."""
    kept = []
    for text in dict.fromkeys(texts):
        within = any(text in other and text != other for other in texts)
        if text and not within and text.casefold() not in seen:
            kept.append(text)
            seen.add(text.casefold())
    return kept


def _document(url: str) -> str:
    found = _PUBMED.search(url.strip())
    return (clean_pmid(found[1]) if found else None) or clean_line(url)
