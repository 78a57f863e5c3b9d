"""A question with its answer and evidence: what every file of training data is read into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Decision = Literal["", "yes", "no", "maybe"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A text that answers the question.

    Attributes:
        title: of the document, or empty.
        document: its PMID where known, else any identifier, else empty.
        sections: labels and texts, in order; the label may be empty.
    """

    title: str
    document: str
    sections: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The sections one after another."""
        return "\n\n".join(text for _, text in self.sections)


@dataclass(frozen=True, slots=True)
class Pair:
    """One question, its answer in words, and what the answer rests on.

    Attributes:
        answer: in prose; empty where only a decision or choice is known.
        decision: of a yes/no/maybe question.
        choices: of a multiple-choice question (MedQA), the right one's text being ``answer``.
        kind: "yesno", "factoid", "list", "summary", "choice" or "free".
        source: name of the file, without its folder; ``record`` counts from 1 in it.
        id: what the file calls the record, or empty.
    """

    question: str
    answer: str
    evidence: tuple[Evidence, ...] = ()
    decision: Decision = ""
    choices: tuple[str, ...] = ()
    kind: str = "free"
    source: str = ""
    record: int = 0
    id: str = ""

    @property
    def documents(self) -> frozenset[str]:
        """Identifiers of the evidence; pairs that share one must not be split."""
        return frozenset(part.document for part in self.evidence if part.document)
