"""What the sentences of an answer rest on: their passages, or the sentences of them that say the same.

Told by words, weighted by how rare they are (as in ``core.citations.spans``). A sentence that no passage
supports is left out: a model that is shown unsupported sentences learns to write them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.citations.markers import without_markers
from core.citations.quantities import numbers
from core.citations.spans import content
from core.library.chunking import WORDS, pack
from core.library.text import sentence_spans
from core.retrieval.lexical import STOP_WORDS
from core.tuning.pairs import Pair
from core.tuning.recipe import Wording

LONGEST_ANSWER = 3  # sentences, as the prompt asks for
QUOTED = 2  # sentences, when quoting: evidence has longer ones than answers
LONGEST_QUOTE = 400  # characters; longer "sentences" are tables and lists
SAYS_IT = 0.35  # agreement of a quotation with a sentence of the answer that stands for it
SUPPORTED = 0.5  # share of a sentence's weighted words that its passage must have
_POINTS_BACK = re.compile(
    r"(?:It|Its|This|That|These|Those|They|Their|He|She|However|Therefore|Thus|But|And|In addition"
    r"|Additionally|Moreover|Furthermore|Also)\b"
)


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


class Aligner:
    """Finds what answers rest on; words are weighted by how rare they are in ``texts``."""

    def __init__(self, texts: Sequence[frozenset[str]], wording: Wording) -> None:
        self._wording = wording
        self._rarity = _rarity(texts)
        self._unknown = math.log(1.0 + len(texts))

    def aligned(self, pair: Pair, own: Sequence[TrainingPassage]) -> list[tuple[str, TrainingPassage]]:
        """Return the sentences to learn, each with the passage that it rests on.

        As written: a row of sentences of the answer. It begins with the first that is supported and does not
        point back, and ends before the first that is not supported. Where there is none, a quotation takes
        its place, unless the question wants a decision: a quoted sentence need not fit one.
        """
        found: list[tuple[str, TrainingPassage]] = []
        if self._wording == "quoted":
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
        best = max(fitting, key=lambda passage: self.share(words, passage.words))
        return best if self.share(words, best.words) >= SUPPORTED else None

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
        recall, precision = self.share(words, other), self.share(other, words)
        return 2 * recall * precision / (recall + precision) if recall + precision else 0.0

    def share(self, words: frozenset[str], among: frozenset[str]) -> float:
        """Return which share of ``words``, weighted by rarity, occurs in ``among``; in [0, 1]."""
        weights = {word: self._rarity.get(word, self._unknown) for word in words}
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


def _rarity(texts: Iterable[frozenset[str]]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    total = 0
    for words in texts:
        counts.update(words)
        total += 1
    return {word: math.log(1.0 + total / count) for word, count in counts.items()}
