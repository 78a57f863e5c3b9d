"""What is told about a mark in an answer when the mouse rests on it: quote, verdict, reasons."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication

from core.types import Answer, Citation
from desktop.chat.references import where
from desktop.chat.verdicts import look_of

LONGEST_QUOTE = 600  # characters that are shown; the rest is in the reader


def citation_tip(citation: Citation) -> str:
    """Return the document, the quoted words, and who chose them, as rich text that wraps."""
    document = citation.document
    page = _tr("p. {0}").format(citation.page) if citation.page else ""
    place = ", ".join(filter(None, (where(document), page)))
    how = (
        _tr("Found by search, not cited by the model.")
        if citation.origin == "search"
        else _tr("Cited by the model.")
    )
    return _tip(f"<b>{escape(document.title)}</b>", escape(place), quoted(citation), escape(how))


def verdict_tip(answer: Answer, sentence: int) -> str:
    """Return what the check of a sentence found, why, and the words it was compared with."""
    verdict = answer.sentences[sentence].verdict
    kind = look_of(verdict)
    reasons = verdict.reasons if verdict and verdict.reasons else (kind.meaning,)
    quotes = [f"[{one.marker}] {quoted(one)}" for one in answer.citations if one.sentence == sentence]
    word = kind.word[0].upper() + kind.word[1:]
    return _tip(f"<b>{escape(word)}</b>", *(escape(reason) for reason in reasons), *quotes)


def verdict_words(answer: Answer, sentence: int) -> str:
    """Return the same in one line, for screen readers."""
    verdict = answer.sentences[sentence].verdict
    reasons = "; ".join(verdict.reasons) if verdict else ""
    return f"{look_of(verdict).word}{f' ({reasons})' if reasons else ''}"


def quoted(citation: Citation) -> str:
    """Return the quoted words as rich text, cut where they are very long."""
    words = citation.quote.replace("\n\n", " … ")
    if len(words) > LONGEST_QUOTE:
        words = words[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
    return f"“{escape(words)}”"


def _tip(*parts: str) -> str:
    return "".join(f"<p style='margin: 0 0 4px 0'>{part}</p>" for part in parts if part)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Tips", text)
