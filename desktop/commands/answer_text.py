"""An answer and its sources for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from core.modes.readability import reading_note
from core.types import Answer, Citation, Disagreement, DocumentRef, Sentence, Study


def as_text(answer: Answer) -> str:
    """Return ``answer`` for a terminal: text with verdicts, sources with their quotes, and the notice."""
    lines = [wrapped(answer.emergency, "! "), wrapped(_marked(answer), "")]
    lines += [
        f"Answer {number}\n" + wrapped(text, "") for number, text in enumerate(answer.alternatives, start=2)
    ]
    if answer.counted and answer.counted.documents:
        newest = (f"  - {reference(document)}" for document in answer.counted.documents)
        lines.append("The newest of them:\n" + "\n".join(newest))
    if answer.reason != answer.answer:
        lines.append(wrapped(answer.reason, ""))
    if answer.unchecked:
        lines.append(wrapped(f"Sentences could not be checked: {answer.unchecked}", ""))
    if answer.refused and answer.nearest:
        lines.append("Nearest documents:\n" + "\n".join(f"  - {reference(ref)}" for ref in answer.nearest))
    if answer.closest:
        lacking = "No sentence of this answer has a source. " if answer.sentences else ""
        lines.append(f"{lacking}What the library says that comes closest:")
        lines.append("\n".join(_sources(answer.closest)))
    if answer.citations:
        lines.append("\n".join(_sources(answer.citations)))
    if any(citation.origin == "search" for citation in answer.citations):
        lines.append("\u00b0 found by search, not cited by the model")
    lines += [*map(_disagreement, answer.disagreements), _studies(answer), _for_patients(answer)]
    return "\n\n".join(filter(None, [*lines, answer.notice]))


def _marked(answer: Answer) -> str:
    """Return the text with \u00b0 in the markers that search found, and after each sentence its verdict."""
    found = {citation.sentence for citation in answer.citations if citation.origin == "search"}
    text = answer.answer
    for index, sentence in reversed(list(enumerate(answer.sentences))):
        part = text[sentence.start : sentence.end]
        if index in found:
            for marker in sentence.citations:
                part = part.replace(f"[{marker}]", f"[{marker}\u00b0]")
        part += f" ({_verdict(sentence, bool(answer.libraries))})"
        text = text[: sentence.start] + part + text[sentence.end :]
    return text


def _verdict(sentence: Sentence, grounded: bool) -> str:
    """Return what the check of ``sentence`` found, in words, and why."""
    if sentence.verdict is None:
        return "no source found, unchecked" if grounded and not sentence.citations else "unchecked"
    label = sentence.verdict.label if sentence.citations else "no source found"
    return ": ".join((label, "; ".join(sentence.verdict.reasons))) if sentence.verdict.reasons else label


def _disagreement(found: Disagreement) -> str:
    """Return one sentence that lists both sides; rules of words alone told them apart."""
    sides = [f"{_named(side.studies)} ({side.stance})" for side in found.sides]
    return wrapped(f"Studies seem to disagree: {', but '.join(sides)}.", "")


def _named(studies: Sequence[Study]) -> str:
    """Return the studies with design, year and population, as far as they are told."""
    named = []
    for study in studies:
        year = str(study.document.year) if study.document.year else ""
        facts = ", ".join(filter(None, (study.design, year, study.population)))
        named.append(f"[{study.marker}] {facts}".strip() if facts else f"[{study.marker}]")
    return "; ".join(named)


def _studies(answer: Answer) -> str:
    """Return the studies of a review, a paragraph each."""
    rows = []
    for study in answer.studies:
        facts = f"{study.design or 'design not told'}; {study.population or 'population not told'}"
        finding = wrapped(f"\u201c{study.finding.quote}\u201d", "    ")
        rows.append(f"[{study.marker}] {reference(study.document)}\n    {facts}\n{finding}")
    return "\n".join((f"Studies ({len(rows)}):", *rows)) if rows else ""


def _for_patients(answer: Answer) -> str:
    grade = reading_note(answer.reading_grade) if answer.reading_grade is not None else ""
    terms = [wrapped(f"{term.word}: {term.meaning}", "  ") for term in answer.glossary]
    return "\n".join(filter(None, (grade, *terms)))


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
