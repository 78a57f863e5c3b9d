"""Whether a quote bears out a sentence: first rules that need no model, then a model.

The rules (``core.citations.rules``) veto: no model is asked about a sentence whose numbers, units, dates,
denials or directions its quote does not share. A sentence that stands in the quote word for word is
supported. The rest is for a ``Verifier``: one of ``core.citations.verifiers``, or ``SimilarityVerifier``
where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.citations.critical import is_critical
from core.citations.rules import conflicts
from core.errors import AppError
from core.retrieval.embedder import Embedder
from core.types import Sentence, Verdict

CLOSE = (
    0.65  # cosine from which a quote counts as close: best on SciFact's training claims kept for calibration
)
_WORD = re.compile(r"\w+(?:[.,\u00b7]\d+)*|[%<>\u2264\u2265]")
_FEWEST = 4  # words that a sentence needs to be found in a quote word for word


class Verifier(Protocol):
    """Judges sentences by quotes."""

    def support(self, claims: Sequence[str], evidence: Sequence[str]) -> Sequence[Verdict]:
        """Return a verdict for each pair ``claims[i]``, ``evidence[i]``; both are of one length."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict for each pair, None where it could not be checked; ``failure`` says why, or is empty."""

    verdicts: tuple[Verdict | None, ...]
    failure: str = ""


class Checker(Protocol):
    """Judges sentences by quotes, and goes on where it cannot."""

    def check(self, claims: Sequence[str], evidence: Sequence[str]) -> Checked:
        """Return a verdict for each pair ``claims[i]``, ``evidence[i]`` that can be checked."""


class RuledVerifier:
    """Rules that can veto, and a model for what they let through, which is loaded when it is first needed."""

    def __init__(self, model: Callable[[], Verifier]) -> None:
        self._model = model

    def support(self, claims: Sequence[str], evidence: Sequence[str]) -> Sequence[Verdict]:
        """See ``Verifier.support``. Raises AppError when the model is needed and does not work."""
        verdicts = [ruled(claim, quote) for claim, quote in zip(claims, evidence, strict=True)]
        left = [at for at, verdict in enumerate(verdicts) if verdict is None]
        pairs = [claims[at] for at in left], [evidence[at] for at in left]
        judged = dict(zip(left, self._model().support(*pairs), strict=True)) if left else {}
        return [verdict or judged[at] for at, verdict in enumerate(verdicts)]

    def check(self, claims: Sequence[str], evidence: Sequence[str]) -> Checked:
        """Return what ``support`` does; if the model does not work, what the rules alone can say."""
        try:
            return Checked(tuple(self.support(claims, evidence)))
        except AppError as error:
            verdicts = tuple(ruled(claim, quote) for claim, quote in zip(claims, evidence, strict=True))
            return Checked(verdicts, str(error))


class SimilarityVerifier:
    """Says of a sentence and a quote only whether they are about the same; knows no contradiction."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        self._embedder = embedder

    def support(self, claims: Sequence[str], evidence: Sequence[str]) -> Sequence[Verdict]:
        """See ``Verifier.support``. Being about the same is no support, so the best verdict is "weak"."""
        vectors = self._embedder().encode([*claims, *evidence])
        cosines = (vectors[: len(claims)] * vectors[len(claims) :]).sum(axis=1)
        scores = [min(1.0, max(0.0, float(cosine))) for cosine in cosines]
        return [Verdict("weak" if score >= CLOSE else "unsupported", score) for score in scores]


def ruled(claim: str, quote: str) -> Verdict | None:
    """Return what the rules alone can say of the two, or None if that is nothing."""
    if found := conflicts(claim, quote):
        against = any(conflict.against for conflict in found)
        return Verdict(
            "contradicted" if against else "unsupported", 0.0, tuple(conflict.reason for conflict in found)
        )
    mine, theirs = _words(claim), _words(quote)
    if len(mine) >= _FEWEST and f" {' '.join(mine)} " in f" {' '.join(theirs)} ":
        return Verdict("supported", 1.0)
    return None


def best(verdicts: Sequence[Verdict]) -> Verdict | None:
    """Return the verdict that counts for a sentence with several quotes: one that supports it is enough."""
    order = ("supported", "weak", "contradicted", "unsupported")
    return min(verdicts, key=lambda verdict: (order.index(verdict.label), -verdict.score), default=None)


def may_be_shown(sentence: str, verdict: Verdict | None) -> bool:
    """True unless ``sentence`` states a dose, an interaction or a contraindication that no quote supports."""
    return bool(verdict and verdict.label == "supported") or not is_critical(sentence)


def support_of(sentences: Iterable[Sentence]) -> float | None:
    """Return the score of the best sentence that a quote supports at least weakly, in [0, 1].

    0 if none of those that were checked does; None if none was checked.
    """
    verdicts = [sentence.verdict for sentence in sentences if sentence.verdict]
    borne_out = [verdict.score for verdict in verdicts if verdict.label in ("supported", "weak")]
    return max(borne_out, default=0.0) if verdicts else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
