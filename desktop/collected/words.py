"""What is kept to learn from, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from core.tuning.collected import Collected, CollectedKind


def kind_words(kind: CollectedKind) -> str:
    """Return what the user did."""
    return {
        "good": _tr("Good answer"),
        "bad": _tr("Bad answer"),
        "corrected": _tr("Corrected answer"),
        "click": _tr("Source opened"),
    }[kind]


def day(when: str) -> str:
    """Return the day of a UTC time as it is written here."""
    local = QDateTime.fromString(when, Qt.DateFormat.ISODateWithMs).toLocalTime()
    return QLocale().toString(local.date(), QLocale.FormatType.ShortFormat)


def as_text(item: Collected) -> str:
    """Return everything that is kept of ``item``, in paragraphs."""
    parts = [f"{_tr('Question')}: {item.question}"]
    if item.kind == "corrected":
        parts += [f"{_tr('Your correction')}: {item.answer}", f"{_tr('The model had written')}: {item.shown}"]
    elif item.shown:
        parts.append(f"{_tr('Answer')}: {item.shown}")
    for source in item.evidence:
        name = source.title or source.document
        parts.append(f"{_tr('Source')}: {name}\n\u201c{source.text}\u201d")
    return "\n\n".join(parts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("collected", text)
