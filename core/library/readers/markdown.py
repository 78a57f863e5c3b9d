"""Markdown: headings as sections; what stands before the text as ``key: value`` describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from core.library.readers.bounded import read_file
from core.library.readers.formats import Format, Head
from core.library.readers.markup import parse, sections_of
from core.library.readers.plain_text import decoded, is_binary
from core.library.records import make_document, year_in
from core.types import Document, Rejected

MAX_BYTES = 4 << 20  # of hostile ones some take longer than their length says
_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*\r?\n", re.DOTALL)
_KEY = re.compile(r"([A-Za-z_-]+):[ \t]*(.*)")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)")
_H1 = re.compile(r"(?m)^#[ \t]+(.+?)[ \t#]*$")


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield the document. Raises one of ``READ_ERRORS``."""
    try:
        yield _document(decoded(read_file(path, MAX_BYTES)), path)
    except ValueError as error:
        yield Rejected(str(path), 1, str(error))


def _document(text: str, path: Path) -> Document:
    front = _FRONT.match(text)
    given = _front_matter(front[1]) if front else {}
    text = text[front.end() :] if front else text

    def first(*names: str) -> str:
        return next((given[name][0] for name in names if given.get(name)), "")

    heading = _H1.search(text)
    title = first("title") or (heading[1] if heading else "")
    sections = _sections(text, title)
    if not sections:
        raise ValueError("it has no text")
    return make_document(
        title=title or path.stem,
        sections=sections,
        source=path.name,
        pmid=first("pmid"),
        doi=first("doi"),
        pmcid=first("pmcid"),
        authors=given.get("authors") or given.get("author") or (),
        journal=first("journal"),
        year=year_in(first("year", "date")),
        keywords=given.get("keywords") or given.get("tags") or (),
    )


def _sections(text: str, title: str) -> list[tuple[str, str]]:
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    page = parse(f"<html><body>{rendered}</body></html>".encode())
    return [] if page is None else sections_of(page, title)


def _front_matter(block: str) -> dict[str, list[str]]:
    """Return the values by key. Of YAML only lines of ``key: value`` and lists are read."""
    values: dict[str, list[str]] = {}
    held: list[str] = []
    for line in block.splitlines():
        if item := _ITEM.match(line):
            held.append(_unquoted(item[1]))
        elif found := _KEY.match(line):
            held = values.setdefault(found[1].lower(), [])
            value = found[2].strip()
            if value.startswith("[") and value.endswith("]"):
                held += [_unquoted(part) for part in value[1:-1].split(",")]
            elif value:
                held.append(_unquoted(value))
    return values


def _unquoted(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _matches(head: Head) -> bool:
    return head.path.suffix.lower() in _SUFFIXES and not is_binary(head.text)


FORMAT = Format("Markdown", (".md",), _matches, read)
