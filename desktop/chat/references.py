"""References as text: under an answer that is copied, and above a document that is read."""

from __future__ import annotations

from core.types import DocumentRef


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
