"""Numbered passages for a question, and its answer with a ``[n]`` after each sentence.

Which passage a sentence rests on is told by its words, weighted by how rare they are (as in
``core.citations.spans``). A sentence that no passage supports is left out: a model that is shown
unsupported sentences learns to write them. Of the passages that do not answer, some are those that our own
word index ranks highest for the question, the rest are drawn at random.
"""

from __future__ import annotations

import math
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from core.citations.agreement import numbers
from core.citations.markers import place_markers, without_markers
from core.citations.spans import content
from core.library.chunking import WORDS, pack
from core.library.text import sentence_spans
from core.retrieval.lexical import STOP_WORDS, LexicalIndex
from core.tuning.pairs import Pair
from core.tuning.recipe import DataChoice

LONGEST_ANSWER = 3  # sentences, as the prompt asks for
QUOTED = 2  # sentences, when quoting: evidence has longer ones than answers
LONGEST_QUOTE = 400  # characters; longer "sentences" are tables and lists
SAYS_IT = 0.35  # agreement of a quotation with a sentence of the answer that stands for it
SUPPORTED = 0.5  # share of a sentence's weighted words that its passage must have
ANSWERS_TOO = 0.6  # a passage of another pair with that share of the answer's words may well answer it
MOST_WORDS = 600  # of all passages together, about 900 tokens: what the app packs by default
_POINTS_BACK = re.compile(
    r"(?:It|Its|This|That|These|Those|They|Their|He|She|However|Therefore|Thus|But|And|In addition"
    r"|Additionally|Moreover|Furthermore|Also)\b"
)
HARD_POOL = 12  # passages of other pairs that rank highest, to choose hard distractors from


@dataclass(frozen=True, slots=True)
class TrainingPassage:
    """One passage as the model reads it; ``words`` are those that carry meaning."""

    title: str
    text: str
    documents: frozenset[str]
    words: frozenset[str]

    @property
    def length(self) -> int:
        return len(self.text.split()) + len(self.title.split())


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
        self._rarity = _rarity(passage.words for passage in self._pool)
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
        aligned = [(pair.answer, own[0])] if whole and own else self._aligned(pair, own)
        if not aligned:
            return None
        used = list(dict.fromkeys(passage for _, passage in aligned))
        spare = [passage for passage in own if passage not in used]
        chosen = used + spare[: self._rng.randint(0, max(0, self._choice.passages - len(used)))]
        if self._choice.task == "grounded":
            chosen = self._filled(pair, chosen)
        ordered = self._ordered(pair, chosen)
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
        own = sorted(passages_of(pair), key=lambda passage: -self._share(wanted, passage.words))
        return _within(own, MOST_WORDS)[: self._choice.passages]

    def _aligned(self, pair: Pair, own: Sequence[TrainingPassage]) -> list[tuple[str, TrainingPassage]]:
        """Return the sentences to learn, each with the passage that it rests on.

        As written: a row of sentences of the answer. It begins with the first that is supported and does not
        point back, and ends before the first that is not supported. Where there is none, a quotation takes
        its place, unless the question wants a decision: a quoted sentence need not fit one.
        """
        found: list[tuple[str, TrainingPassage]] = []
        if self._choice.wording == "quoted":
            return self._quotations(pair, own)
        for number, sentence in enumerate(_sentences(pair.answer)):
            passage = self._supporting(sentence, own)
            if passage and (found or number == 0 or not _POINTS_BACK.match(sentence)):
                found.append((sentence, passage))
            elif found:
                break
        if not found and not pair.decision:
            found = self._quotations(pair, own)[:1]
        if found and pair.decision:
            found[0] = (with_decision(pair.decision, found[0][0]), found[0][1])
        return found[:LONGEST_ANSWER]

    def _supporting(self, sentence: str, own: Sequence[TrainingPassage]) -> TrainingPassage | None:
        words = content(sentence)
        fitting = [passage for passage in own if numbers(sentence) <= numbers(passage.text)]
        if not words or not fitting:
            return None
        best = max(fitting, key=lambda passage: self._share(words, passage.words))
        return best if self._share(words, best.words) >= SUPPORTED else None

    def _quotations(self, pair: Pair, own: Sequence[TrainingPassage]) -> list[tuple[str, TrainingPassage]]:
        """Return for the first sentences of the answer the sentence of the evidence that says most of each.

        Where none says enough of any, it is the one that is most like question and answer.
        """
        said = [
            (passage.text[span.start : span.end], passage)
            for passage in own
            for span in sentence_spans(passage.text)
            if span.end - span.start <= LONGEST_QUOTE
        ]
        if not said or not pair.answer:
            return []
        wanted = [content(sentence) for sentence in _sentences(pair.answer)[:QUOTED]]
        chosen = [self._most_alike(words, said) for words in wanted]
        good = [
            one for one, words in zip(chosen, wanted, strict=True) if self._alike(words, one[0]) >= SAYS_IT
        ]
        if not good:
            words = content(pair.answer) | content(pair.question)
            good = [self._most_alike(words, said)]
        return [(_ended(without_markers(text)), passage) for text, passage in dict.fromkeys(good)]

    def _most_alike(
        self, words: frozenset[str], said: Sequence[tuple[str, TrainingPassage]]
    ) -> tuple[str, TrainingPassage]:
        return max(said, key=lambda one: self._alike(words, one[0]))

    def _alike(self, words: frozenset[str], sentence: str) -> float:
        """Return the F-measure of the weighted words that both have; in [0, 1]."""
        other = content(sentence)
        recall, precision = self._share(words, other), self._share(other, words)
        return 2 * recall * precision / (recall + precision) if recall + precision else 0.0

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
        return bool(answer) and self._share(answer, passage.words) >= ANSWERS_TOO

    def _ordered(self, pair: Pair, chosen: Sequence[TrainingPassage]) -> list[TrainingPassage]:
        """Order by rank for the question, as the app does, or, every other time, at random."""
        ordered = list(chosen)
        self._rng.shuffle(ordered)
        if self._rng.random() < 0.5:
            question = content(pair.question)
            ordered.sort(key=lambda passage: -self._share(question, passage.words))
        return ordered

    def _share(self, words: frozenset[str], among: frozenset[str]) -> float:
        """Return which share of ``words``, weighted by rarity, occurs in ``among``; in [0, 1]."""
        unknown = math.log(1.0 + len(self._pool))
        weights = {word: self._rarity.get(word, unknown) for word in words}
        # fsum: the same in whatever order a set has its words, which differs from process to process
        total = math.fsum(weights.values())
        found = math.fsum(weight for word, weight in weights.items() if word in among)
        return found / total if total else 0.0


def passages_of(pair: Pair) -> list[TrainingPassage]:
    """Return the evidence of ``pair`` cut as the app cuts documents."""
    made = []
    for part in pair.evidence:
        documents = frozenset([part.document]) if part.document else frozenset()
        for span in pack(part.text, WORDS):
            text = part.text[span.start : span.end]
            made.append(TrainingPassage(part.title, text, documents, content(f"{part.title} {text}")))
    return made


def with_decision(decision: str, sentence: str) -> str:
    """Return ``sentence`` beginning with the decision: "Yes, it does." It is left if it begins so already."""
    if sentence.lower().startswith((f"{decision},", f"{decision}.", f"{decision} ")):
        return sentence
    common = sentence.split(" ", 1)[0].lower() in STOP_WORDS  # any other word may be a name
    return f"{decision.capitalize()}, {sentence[:1].lower() + sentence[1:] if common else sentence}"


def _sentences(answer: str) -> list[str]:
    """Return the sentences of ``answer`` without markers, each with its full stop."""
    text = without_markers(" ".join(answer.split()))
    return [_ended(text[span.start : span.end]) for span in sentence_spans(text)]


def _ended(sentence: str) -> str:
    """Return ``sentence`` with a full stop if it ends without any."""
    return sentence if sentence[-1:] in '.?!"\u201d)' else f"{sentence.rstrip(',;: ')}."


def _within(passages: Sequence[TrainingPassage], words: int) -> list[TrainingPassage]:
    """Return the first passages that have at most ``words`` words together, one at least."""
    kept: list[TrainingPassage] = []
    for passage in passages:
        if not kept or passage.length <= words:
            kept.append(passage)
            words -= passage.length
    return kept


def _rarity(texts: Iterable[frozenset[str]]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    total = 0
    for words in texts:
        counts.update(words)
        total += 1
    return {word: math.log(1.0 + total / count) for word, count in counts.items()}
