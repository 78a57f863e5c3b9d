"""What is kept of one question asked in one setting."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.citations.markers import read_markers
from core.evaluation.asking import Reply
from core.evaluation.plans import Setting
from core.evaluation.text_scores import rouge
from core.modes.readability import reading_grade
from core.tuning.pairs import Pair
from core.types import Answer, Citation, Passage

_ANY = 10**9  # no passage has so high a number
_BRACKET = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """One question and what became of it.

    Attributes:
        key: setting and id of the question.
        expected, decision: the right answer in words, and as yes, no or maybe; either may be empty.
        chosen: the decision of the model; empty where it read nothing or was not asked for one.
        answer: as it is shown.
        quotes: the marker and the words of each citation shown.
        refused: no prose is shown: the question was refused, or only quotes are.
        right: names of the documents that answer; ``read`` those of the passages that were read.
        before: name of the document of each marker that the model wrote; ``after`` of each citation shown.
        made_up: markers that named no passage; they were removed.
        invalid: markers shown without a citation, and quotes that are not verbatim: must be 0.
        verdicts: sentences by what the check found, "unchecked" where it found nothing.
        rouge: F-measures of one word, two words and the longest sequence; None if it was refused.
        confidence: how sure the program is, in [0, 1]; None if it does not say.
        grade: reading grade; None if it was refused or cannot be told.
        seconds: that the whole answer took, if it was asked by itself.
    """

    key: str
    setting: Setting
    id: str
    question: str
    expected: str
    decision: str
    chosen: str
    answer: str
    quotes: tuple[tuple[int, str], ...]
    refused: bool
    right: tuple[str, ...]
    read: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    made_up: int
    invalid: int
    verdicts: dict[str, int]
    rouge: tuple[float, ...] | None
    confidence: float | None
    grade: float | None
    seconds: float | None
    model: str

    @property
    def correct(self) -> bool:
        """It gave the right decision, or where none is known cited a document that answers."""
        if self.decision:
            return self.chosen == self.decision
        return not self.refused and bool({*self.after} & {*self.right})


def item_of(setting: Setting, pair: Pair, reply: Reply, names: Mapping[str, str]) -> AnswerItem:
    """Sum up one reply; ``names`` are what the data set calls the documents, by their ids."""
    answer, passages = reply.answer, reply.passages
    refused = answer.refused or answer.evidence_only
    read = tuple(names.get(passage.document.id, passage.document.id) for passage in passages)
    written = [n for sentence in read_markers(reply.raw, _ANY) for n in sentence.markers]
    shown = pair.answer and not refused
    return AnswerItem(
        key=f"{setting}/{pair.id}",
        setting=setting,
        id=pair.id,
        question=pair.question,
        expected=pair.answer,
        decision=pair.decision,
        chosen=reply.decision,
        answer=answer.answer,
        quotes=tuple((one.marker, one.quote) for one in answer.citations),
        refused=refused,
        right=tuple(dict.fromkeys(one.document for one in pair.evidence)),
        read=tuple(dict.fromkeys(read)),
        before=tuple(read[number - 1] for number in written if number <= len(read)),
        after=tuple(names.get(one.document.id, one.document.id) for one in answer.citations),
        made_up=sum(number > len(read) for number in written),
        invalid=invalid_citations(answer, passages),
        verdicts=verdicts_of(answer),
        rouge=rouge(pair.answer, answer.answer) if shown else None,
        confidence=answer.confidence,
        grade=None if refused else reading_grade(answer.answer),
        seconds=answer.timings.total_s if reply.alone else None,
        model=answer.model,
    )


def verdicts_of(answer: Answer) -> dict[str, int]:
    """Return how many sentences of ``answer`` have each verdict; "unchecked" are those without one."""
    return dict(Counter(one.verdict.label if one.verdict else "unchecked" for one in answer.sentences))


def invalid_citations(answer: Answer, passages: Sequence[Passage]) -> int:
    """Return how many markers shown have no citation, and citations whose quote is not in what was read."""
    cited = {citation.marker for citation in answer.citations}
    unknown = sum(int(number) not in cited for number in _BRACKET.findall(answer.answer))
    return unknown + sum(not _is_verbatim(citation, passages) for citation in answer.citations)


def _is_verbatim(citation: Citation, passages: Sequence[Passage]) -> bool:
    if not 1 <= citation.marker <= len(passages):
        return False
    chunk = passages[citation.marker - 1].chunk
    start = citation.start - chunk.start
    return chunk.id == citation.chunk_id and (
        chunk.text[start : start + len(citation.quote)] == citation.quote
    )
