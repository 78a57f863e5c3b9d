"""What an answer's mode adds to it, and the disagreement of studies, whatever its mode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.citations.disagreement import disagreements
from core.modes.glossary import default_glossary
from core.modes.plans import MODES
from core.modes.readability import reading_grade
from core.modes.studies import population, study
from core.settings import RetrievalSettings
from core.types import Answer, Citation, Passage, Study


def finished(
    answer: Answer, found: Sequence[Passage], quotes: Sequence[Citation], settings: RetrievalSettings
) -> Answer:
    """Return ``answer`` with what its mode adds.

    Args:
        found: all passages, those that were read first.
        quotes: the best quotes of ``found`` for the question, the best first; those that are close enough.
    """
    plan = MODES[answer.mode]
    texts = _Populations(found)

    def row(citation: Citation) -> Study:
        return replace(study(citation, "", settings.grades), population=texts.of(citation.document.id))

    # what the answer cites says best what it is about
    told = [*answer.citations, *quotes]
    # quotes that only share a field with the question oppose each other in words, not in what they found
    alike = [*answer.citations, *(one for one in quotes if one.score >= settings.bind_threshold)]
    answer = replace(answer, disagreements=disagreements(alike, row))
    if plan.studies and not answer.refused:
        one_each = {citation.document.id: citation for citation in reversed(told)}
        order = sorted(one_each.values(), key=lambda citation: citation.marker)
        answer = replace(answer, studies=tuple(row(citation) for citation in order))
    if plan.lay and answer.sentences:
        terms = default_glossary().terms(" ".join(sentence.text for sentence in answer.sentences))
        answer = replace(answer, reading_grade=reading_grade(answer.answer), glossary=terms)
    return answer


class _Populations:
    """Who was studied in each document, as the passages that were found of it say."""

    def __init__(self, found: Sequence[Passage]) -> None:
        self._found = found

    def of(self, document: str) -> str:
        own = (passage.chunk.text for passage in self._found if passage.document.id == document)
        return next(filter(None, map(population, own)), "")
