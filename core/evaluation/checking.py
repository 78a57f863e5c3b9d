"""How well citations are checked: several verifiers on the same claims, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.citations.support import CLOSE, RuledVerifier, SimilarityVerifier, Verifier, ruled
from core.citations.verifiers import load_verifier
from core.evaluation.citations import label_of, score
from core.evaluation.job import Job, drawn
from core.evaluation.plans import CitationsPlan
from core.evaluation.results import CitationsResult, Label, VerifierScores
from core.evaluation.scifact import Judged, read_judged
from core.retrieval.embedder import Embedder
from core.runtime import Runtime
from core.types import Verdict

BASELINES = ("rules", "cosine", "default")
_GROUP = 32  # claims judged in one call


@dataclass(frozen=True, slots=True)
class CitationItem:
    """One claim judged by one verifier; ``score`` is how likely it is supported, in [0, 1]."""

    key: str
    verifier: str
    claim: str
    evidence: str
    label: Label
    said: Label
    score: float
    ms: float


def measure_citations(job: Job, plan: CitationsPlan) -> CitationsResult:
    """Judge every claim by every verifier; all verifiers are loaded before the first is asked.

    Raises:
        AppError: the claims or a verifier cannot be used.
        Cancelled: what was finished is kept.
    """
    claims = drawn([*enumerate(read_judged(Path(plan.claims)))], plan.limit, plan.seed)
    names = tuple(dict.fromkeys(plan.verifiers)) or BASELINES
    verifiers = {name: _verifier(job.runtime, name) for name in names}
    items = job.finished(CitationItem)
    for name, verifier in verifiers.items():
        verifier.support([claims[0][1].claim], [claims[0][1].evidence])  # loads it, which is not timed
        left = [claim for claim in claims if _key(name, claim[0]) not in job.done]
        groups = [left[start : start + _GROUP] for start in range(0, len(left), _GROUP)]
        items += job.new(f"Judging: {name}", groups, _judging(name, verifier))
    scores = (_scores(name, claims, [item for item in items if item.verifier == name]) for name in names)
    return CitationsResult(1, len(claims), tuple(scores))


def _key(verifier: str, claim: int) -> str:
    return f"{verifier}/{claim}"


def _judging(
    name: str, verifier: Verifier
) -> Callable[[Sequence[tuple[int, Judged]]], Iterator[CitationItem]]:
    def judged(group: Sequence[tuple[int, Judged]]) -> Iterator[CitationItem]:
        start = time.perf_counter()
        verdicts = verifier.support([one.claim for _, one in group], [one.evidence for _, one in group])
        ms = (time.perf_counter() - start) * 1000 / len(group)
        for (number, one), verdict in zip(group, verdicts, strict=True):
            said = label_of(verdict)
            key = _key(name, number)
            yield CitationItem(key, name, one.claim, one.evidence, one.label, said, verdict.score, ms)

    return judged


def _scores(name: str, claims: Sequence[tuple[int, Judged]], items: Sequence[CitationItem]) -> VerifierScores:
    said = {item.key: item.said for item in items}
    labels = [said[_key(name, number)] for number, _ in claims]
    ms = sum(item.ms for item in items) / len(items)
    return VerifierScores(name, score([one for _, one in claims], labels), round(ms, 2))


def _verifier(runtime: Runtime, name: str) -> Verifier:
    match name:
        case "rules":
            return _Rules()
        case "cosine":
            return _Cosine(runtime.embedder)
        case "default":
            model = runtime.verifier()
        case _:
            own = runtime.home.model(name)
            model = load_verifier(own if own.is_dir() else Path(name).expanduser())
    return RuledVerifier(lambda: model)


class _Rules:
    """The rules alone: what they do not object to is supported."""

    def support(self, claims: Sequence[str], evidence: Sequence[str]) -> Sequence[Verdict]:
        pairs = zip(claims, evidence, strict=True)
        return [ruled(claim, quote) or Verdict("supported", 1.0) for claim, quote in pairs]


class _Cosine:
    """Likeness alone: what is close is supported."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        self._likeness = SimilarityVerifier(embedder)

    def support(self, claims: Sequence[str], evidence: Sequence[str]) -> Sequence[Verdict]:
        found = self._likeness.support(claims, evidence)
        return [Verdict("supported" if v.score >= CLOSE else "unsupported", v.score) for v in found]
