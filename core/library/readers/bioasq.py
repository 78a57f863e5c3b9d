"""BioASQ golden files (Tsatsaronis et al. 2015): the snippets of each abstract, as a document of its PMID.

Only the snippets are taken. The questions and their answers are what models are examined on: they never come
into a library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from core.library.readers.formats import Format, Head
from core.library.readers.json_items import elements, read_items
from core.library.records import clean, clean_line, clean_pmid, make_document
from core.types import Document, Rejected

_QUESTIONS = re.compile(r'"questions"\s*:\s*(?=\[)')
_PUBMED = re.compile(r"pubmed(?:\.ncbi\.nlm\.nih\.gov)?/([0-9]+)/?$")


class _Snippet(msgspec.Struct, frozen=True):
    text: str = ""
    document: str = ""
    section: str = msgspec.field(name="beginSection", default="")
    start: int = msgspec.field(name="offsetInBeginSection", default=0)
    end: int = msgspec.field(name="offsetInEndSection", default=0)


class _Question(msgspec.Struct, frozen=True):
    """What is taken of a question."""

    snippets: list[_Snippet] | None = None


def read(path: Path) -> Iterator[Document | Rejected]:
    """Yield a document for each PMID in the order they are named, after what had to be rejected.

    Rejected records count questions. All snippets are held in memory.
    """
    found: dict[str, list[_Snippet]] = {}
    for item in read_items(path, _questions, lambda value, number: _gather(value, path, number, found)):
        yield from [item] if isinstance(item, Rejected) else item
    for number, (pmid, snippets) in enumerate(found.items(), start=1):
        try:
            yield _document(pmid, snippets, path.name)
        except ValueError as error:
            yield Rejected(str(path), number, f"PMID {pmid}: {error}")


def _questions(text: str) -> Iterator[Any]:
    found = _QUESTIONS.search(text)
    return elements(text, found.end() if found else 0)


def _gather(value: Any, path: Path, number: int, found: dict[str, list[_Snippet]]) -> list[Rejected]:
    """Put the snippets of a question where they belong; return those that belong nowhere."""
    try:
        question = msgspec.convert(value, _Question)
    except msgspec.ValidationError as error:
        return [Rejected(str(path), number, f"the question cannot be read: {error}")]
    rejected = []
    for snippet in question.snippets or ():
        match = _PUBMED.search(snippet.document.strip())
        if pmid := clean_pmid(match[1]) if match else None:
            found.setdefault(pmid, []).append(snippet)
        else:
            reason = f"a snippet is from {snippet.document[:80]!r}, which is not in PubMed"
            rejected.append(Rejected(str(path), number, reason))
    return rejected


def _document(pmid: str, snippets: Sequence[_Snippet], source: str) -> Document:
    titles = [clean_line(snippet.text) for snippet in snippets if snippet.section == "title"]
    sections: dict[str, list[_Snippet]] = {}
    for snippet in snippets:
        if snippet.section != "title":
            sections.setdefault(snippet.section, []).append(snippet)
    return make_document(
        title=max(titles, key=len, default=""), sections=list(_texts(sections)), source=source, pmid=pmid
    )


def _texts(sections: Mapping[str, Sequence[_Snippet]]) -> Iterator[tuple[str, str]]:
    """Yield the sections in order of their names, the abstract first, each one's snippets as paragraphs."""
    for name in sorted(sections):
        yield "", "\n\n".join(_joined(sections[name]))


def _joined(snippets: Sequence[_Snippet]) -> list[str]:
    """Return the snippets of a section in order, none twice, those that overlap as one."""
    texts: list[str] = []
    end = 0
    for snippet in sorted(snippets, key=lambda each: (each.start, -each.end, each.text)):
        text = clean(snippet.text)
        if not text or any(text in other for other in texts):
            continue
        shared = end - snippet.start
        if texts and 0 < shared < len(text) and texts[-1].endswith(text[:shared]):
            texts[-1] += text[shared:]
        else:
            texts.append(text)
        end = max(end, snippet.end)
    return [text for text in texts if not any(text in other and text != other for other in texts)]


def _matches(head: Head) -> bool:
    start = head.text.lstrip()[:200]
    return start.startswith(b"{") and b'"questions"' in start and b'"body"' in head.text


FORMAT = Format("BioASQ JSON", (".json",), _matches, read)
