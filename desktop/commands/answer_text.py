"""An answer and its sources for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from core.types import Answer, Citation, DocumentRef


def as_text(answer: Answer) -> str:
    """Return ``answer`` for a terminal: text, sources with their quotes, and the notice."""
    lines = [wrapped(_marked(answer), "")]
    lines += [
        f"Answer {number}\n" + wrapped(text, "") for number, text in enumerate(answer.alternatives, start=2)
    ]
    if answer.counted and answer.counted.documents:
        newest = (f"  - {reference(document)}" for document in answer.counted.documents)
        lines.append("The newest of them:\n" + "\n".join(newest))
    if answer.refused and answer.nearest:
        lines.append("Nearest documents:\n" + "\n".join(f"  - {reference(ref)}" for ref in answer.nearest))
    if answer.closest:
        lacking = "" if answer.refused else "No sentence of this answer has a source. "
        lines.append(f"{lacking}What the library says that comes closest:")
        lines.append("\n".join(_sources(answer.closest)))
    if answer.citations:
        lines.append("\n".join(_sources(answer.citations)))
    if any(citation.origin == "search" for citation in answer.citations):
        lines.append("\u00b0 found by search, not cited by the model")
    return "\n\n".join([*lines, answer.notice])


def _marked(answer: Answer) -> str:
    """Return the text with \u00b0 in the markers that search found, and sentences without source marked."""
    found = {citation.sentence for citation in answer.citations if citation.origin == "search"}
    text = answer.answer
    for index, sentence in reversed(list(enumerate(answer.sentences))):
        part = text[sentence.start : sentence.end]
        if index in found:
            for marker in sentence.citations:
                part = part.replace(f"[{marker}]", f"[{marker}\u00b0]")
        elif answer.libraries and not sentence.citations:
            part += " (no source found)"
        text = text[: sentence.start] + part + text[sentence.end :]
    return text


def _sources(citations: tuple[Citation, ...]) -> Iterator[str]:
    for marker in sorted({citation.marker for citation in citations}):
        of_marker = [citation for citation in citations if citation.marker == marker]
        yield f"[{marker}] {reference(of_marker[0].document)}"
        for quote in dict.fromkeys(citation.quote for citation in of_marker):
            yield wrapped(f"\u201c{quote}\u201d", "    ")


def reference(document: DocumentRef) -> str:
    """Return title, journal, year and number of ``document``, and whether it is retracted."""
    year = str(document.year) if document.year else ""
    place = ", ".join(part for part in (document.journal, year) if part)
    number = (
        f"PMID {document.pmid}" if document.pmid else (f"doi {document.doi}" if document.doi else document.id)
    )
    retracted = " RETRACTED." if document.retracted else ""
    retracted += " EXPRESSION OF CONCERN." if document.concern else ""
    return (
        " ".join(
            part for part in (f"{document.title.rstrip('.')}.", f"{place}." if place else "", number) if part
        )
        + retracted
    )


def wrapped(text: str, indent: str) -> str:
    """Return ``text`` in lines of 88 characters, each after ``indent``."""
    return "\n".join(
        textwrap.fill(line, 88, initial_indent=indent, subsequent_indent=indent) for line in text.splitlines()
    )
