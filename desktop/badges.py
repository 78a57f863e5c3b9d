"""What is marked wherever a document is shown: its kind of evidence, and what was published about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel

from core.library.grades import grade_of
from core.types import Grade
from desktop.theme import SMALL, set_role, sized

Role = Literal["badge", "badge-warning", "badge-problem"]


class Marked(Protocol):
    """What ``Document`` and ``DocumentRef`` have in common here."""

    @property
    def publication_types(self) -> tuple[str, ...]: ...

    @property
    def retracted(self) -> bool: ...

    @property
    def concern(self) -> bool: ...

    @property
    def corrected(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Badge:
    """One word or two, and how loud."""

    text: str
    role: Role = "badge"


def grade_words(grade: Grade) -> str:
    """Return a kind of evidence as it is written in a list."""
    return {
        "guideline": _tr("Guideline"),
        "systematic review": _tr("Systematic review"),
        "randomised trial": _tr("Randomised trial"),
        "trial": _tr("Clinical trial"),
        "observational study": _tr("Observational study"),
        "review": _tr("Review"),
        "case report": _tr("Case report"),
        "letter": _tr("Letter"),
        "preprint": _tr("Preprint"),
    }[grade]


def badges(document: Marked) -> list[Badge]:
    """Return what has to be marked, warnings first."""
    found = [
        (document.retracted, Badge(_tr("Retracted"), "badge-problem")),
        (document.concern, Badge(_tr("Expression of concern"), "badge-warning")),
        (document.corrected, Badge(_tr("Corrected"), "badge-warning")),
    ]
    grade = grade_of(document.publication_types)
    return [badge for is_so, badge in found if is_so] + ([Badge(grade_words(grade))] if grade else [])


def label_of(badge: Badge) -> QLabel:
    """Return a label that shows ``badge``."""
    label = QLabel(badge.text)
    sized(label, SMALL)
    set_role(label, badge.role)
    return label


def _tr(text: str) -> str:
    return QCoreApplication.translate("badges", text)
