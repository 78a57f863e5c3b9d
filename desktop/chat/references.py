"""References as text: under an answer that is copied, and above a document that is read."""

from __future__ import annotations

from core.types import Answer, DocumentRef


def where(document: DocumentRef) -> str:
    """Return journal and year, as far as known."""
    return ", ".join(filter(None, (document.journal, str(document.year or ""))))


def reference(document: DocumentRef) -> str:
    """Return one line that names ``document`` to a reader and to a search box."""
    parts = [f"{document.title.rstrip('.')}."]
    if place := where(document):
        parts.append(f"{place}.")
    if document.pmid:
        parts.append(f"PMID: {document.pmid}.")
    if document.doi:
        parts.append(f"doi: {document.doi}.")
    return " ".join(parts)


def answer_with_references(answer: Answer, text: str = "") -> str:
    """Return the answer, its numbered references, and the notice, as plain text."""
    documents = {citation.marker: citation.document for citation in answer.citations}
    lines = [f"[{marker}] {reference(documents[marker])}" for marker in sorted(documents)]
    return "\n\n".join(filter(None, (text or answer.answer, "\n".join(lines), answer.notice)))
