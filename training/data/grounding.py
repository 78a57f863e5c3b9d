"""Numbered passages for a question, and its answer with a ``[n]`` after each sentence.

What an answer rests on is for ``training.data.alignment`` to say. Of the passages that do not answer, some
are those that our own word index ranks highest for the question, the rest are drawn at random.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from core.citations.markers import place_markers
from core.citations.spans import content
from core.retrieval.lexical import LexicalIndex
from core.tuning.pairs import Pair
from core.tuning.recipe import DataChoice
from training.data.alignment import Aligner, TrainingPassage, passages_of, with_decision

ANSWERS_TOO = 0.6  # a passage of another pair with that share of the answer's words may well answer it
MOST_WORDS = 600  # of all passages together, about 900 tokens: what the app packs by default
# Share of quoted answers that begin with the decision of their question: enough to keep the judgement which
# is likelier, so few that none is written.
DECIDED = 0.15
HARD_POOL = 12  # passages of other pairs that rank highest, to choose hard distractors from


@dataclass(frozen=True, slots=True)
class Grounded:
    """Passages in the order of their markers, the answer with markers, and which markers answer."""

    passages: tuple[TrainingPassage, ...]
    answer: str
    answering: tuple[int, ...]


class Grounder:
    """Puts passages before questions; the distractors come from the pairs it was made with."""

    def __init__(self, pairs: Sequence[Pair], choice: DataChoice, rng: random.Random) -> None:
        self._choice = choice
        self._rng = rng
        pool = {passage.text: passage for pair in pairs for passage in passages_of(pair)}
        self._pool = list(pool.values())
        self._aligner = Aligner([passage.words for passage in self._pool], choice.wording)
        self._folder = tempfile.TemporaryDirectory(prefix="vademecum-")
        rows = ((key, passage.title, passage.text) for key, passage in enumerate(self._pool))
        self._index = LexicalIndex.build(Path(self._folder.name), rows)

    def __enter__(self) -> Grounder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del self._index
        self._folder.cleanup()

    def answered(self, pair: Pair, *, whole: bool = False) -> Grounded | None:
        """Return ``pair`` with its own passages among others; None if no sentence of it is supported.

        With ``whole`` the answer stays as it is, to examine with: then only a pair without evidence has none.
        """
        own = self._own(pair)
        aligned = [(pair.answer, own[0])] if whole and own else self._aligner.aligned(pair, own)
        if not aligned:
            return None
        used = list(dict.fromkeys(passage for _, passage in aligned))
        spare = [passage for passage in own if passage not in used]
        chosen = used + spare[: self._rng.randint(0, max(0, self._choice.passages - len(used)))]
        if self._choice.task == "grounded":
            chosen = self._filled(pair, chosen)
        ordered = self._ordered(pair, chosen)
        if self._choice.wording == "quoted" and pair.decision and not whole and self._rng.random() < DECIDED:
            aligned[0] = (with_decision(pair.decision, aligned[0][0]), aligned[0][1])
        marker = {passage: number for number, passage in enumerate(ordered, start=1)}
        sentences = [place_markers(sentence, [marker[passage]]) for sentence, passage in aligned]
        answering = tuple(sorted(marker[passage] for passage in chosen if passage in own))
        return Grounded(tuple(ordered), " ".join(sentences), answering)

    def unanswered(self, pair: Pair) -> Grounded | None:
        """Return the question of ``pair`` with passages that do not answer it; None if there are none."""
        chosen = self._filled(pair, [])
        return Grounded(tuple(self._ordered(pair, chosen)), "", ()) if chosen else None

    def _own(self, pair: Pair) -> list[TrainingPassage]:
        """Return the passages of ``pair`` that say most of its answer, best first."""
        wanted = content(pair.answer) or content(pair.question)
        own = sorted(passages_of(pair), key=lambda passage: -self._aligner.share(wanted, passage.words))
        return _within(own, MOST_WORDS)[: self._choice.passages]

    def _filled(self, pair: Pair, chosen: Sequence[TrainingPassage]) -> list[TrainingPassage]:
        """Add distractors up to the number of passages and the words there is room for."""
        count = self._rng.randint(min(3, self._choice.passages), self._choice.passages)
        fillers = [*self._hard(pair)]
        self._rng.shuffle(fillers)
        drawn = self._rng.sample(self._pool, min(len(self._pool), 4 * self._choice.passages))
        hard = math.ceil((count - len(chosen)) * self._choice.hard_distractors)
        wanted = [*chosen, *fillers[:hard], *drawn]
        answer = content(pair.answer)
        own = {passage.text for passage in passages_of(pair)}
        kept = list(chosen)
        for passage in wanted[len(chosen) :]:
            related = passage.documents & pair.documents or passage.text in own
            if passage not in kept and not related and not self._answers_too(passage, answer):
                kept.append(passage)
        return _within(kept, MOST_WORDS)[: max(count, len(chosen))]

    def _hard(self, pair: Pair) -> list[TrainingPassage]:
        return [self._pool[key] for key, _ in self._index.search(pair.question, HARD_POOL)]

    def _answers_too(self, passage: TrainingPassage, answer: frozenset[str]) -> bool:
        return bool(answer) and self._aligner.share(answer, passage.words) >= ANSWERS_TOO

    def _ordered(self, pair: Pair, chosen: Sequence[TrainingPassage]) -> list[TrainingPassage]:
        """Order by rank for the question, as the app does, or, every other time, at random."""
        ordered = list(chosen)
        self._rng.shuffle(ordered)
        if self._rng.random() < 0.5:
            question = content(pair.question)
            ordered.sort(key=lambda passage: -self._aligner.share(question, passage.words))
        return ordered


def _within(passages: Sequence[TrainingPassage], words: int) -> list[TrainingPassage]:
    """Return the first passages that have at most ``words`` words together, one at least."""
    kept: list[TrainingPassage] = []
    for passage in passages:
        if not kept or passage.length <= words:
            kept.append(passage)
            words -= passage.length
    return kept
