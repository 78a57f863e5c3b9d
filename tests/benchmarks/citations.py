"""The check of citations on SciFact's validation claims: rules, cosine, and the verifier that comes with us.

Needs ``data/scifact`` of the shared folder. Each claim is judged by the sentences that settle it, or by the
two closest of an abstract that does not. Thresholds are set on training claims kept apart, never on what is
reported. Exit status 1 if the verifier is not better than cosine with the rules.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from core.citations.support import RuledVerifier, ruled
from core.citations.verifiers import load_verifier
from core.evaluation.citations import balanced_accuracy, evaluate, resamples, score
from core.evaluation.results import CitationScores, Estimate
from core.evaluation.scifact import Judged, Label, judged, read_claims, read_corpus, read_judged
from core.paths import default_home, resources
from core.retrieval.embedder import Embedder, load_embedder
from core.settings import Settings
from tests.benchmarks import common
from training.verifier_data import CALIBRATION

Judge = Callable[[Sequence[Judged]], list[Label]]
COSINE, VERIFIER, BOTH = "cosine and rules", "our verifier", "our verifier and rules"


def main() -> int:
    """Measure; return 1 if our verifier loses."""
    parser = common.options_of(__doc__)
    parser.add_argument("--verifier", type=Path, help="another verifier, beside ours")
    options = parser.parse_args()
    data = common.shared_data()
    if data is None or not (data / "scifact").is_dir():
        print("citations: skipped, there is no data/scifact in the shared folder", file=sys.stderr)
        return 0
    report = common.Report("citations")
    items = read_judged(data / "scifact" / "claims_validation.csv")
    calibration = _calibration(data / "scifact")
    embedder = load_embedder(default_home().models / Settings().model.embedder)
    found = {name: score(items, judge(items)) for name, judge in _baselines(embedder, calibration).items()}
    ours = load_verifier(resources() / "verifiers" / "minilm-scifact")
    found |= {VERIFIER: evaluate(items, ours), BOTH: evaluate(items, RuledVerifier(lambda: ours))}
    if options.verifier:
        other = load_verifier(options.verifier)
        found[str(options.verifier)] = evaluate(items, RuledVerifier(lambda: other))
    _tables(report, items, found)
    _unseen(report, items, found, data / "scifact")
    common.say("Timing")
    pairs = [item.claim for item in items[:100]], [item.evidence for item in items[:100]]
    times = [common.seconds(lambda: ours.support(*pairs)) * 10 for _ in range(5)]
    report.table("Time", ("what", "ms a pair"), [("our verifier, median of 5", statistics.median(times))])
    report.must(
        found[BOTH].three_way.value > found[COSINE].three_way.value, "our verifier is not better than cosine"
    )
    return report.finish(options.json)


def _calibration(folder: Path) -> list[Judged]:
    claims = read_claims(folder / "claims_train.csv")
    kept = [claim for claim in claims if int(claim.document) % CALIBRATION == 0]
    return judged(kept, read_corpus(folder / "corpus.csv"))


def _baselines(embedder: Embedder, calibration: Sequence[Judged]) -> dict[str, Judge]:
    cosines = _cosines(embedder, calibration)
    right = np.array([item.label == "supported" for item in calibration])
    least = max(np.unique(cosines), key=lambda step: balanced_accuracy(cosines >= step, right))
    common.say(f"Cosine counts from {least:.3f}")

    def cosine(items: Sequence[Judged]) -> list[Label]:
        return ["supported" if value >= least else "unsupported" for value in _cosines(embedder, items)]

    def rules(items: Sequence[Judged]) -> list[Label]:
        return [_vetoed(item) or "supported" for item in items]

    def both(items: Sequence[Judged]) -> list[Label]:
        return [_vetoed(item) or label for item, label in zip(items, cosine(items), strict=True)]

    return {"rules alone": rules, "cosine": cosine, COSINE: both}


def _vetoed(item: Judged) -> Label | None:
    verdict = ruled(item.claim, item.evidence)
    if verdict is None:
        return None
    return "unsupported" if verdict.label == "weak" else verdict.label


def _cosines(embedder: Embedder, items: Sequence[Judged]) -> np.ndarray:
    claims = embedder.encode([item.claim for item in items])
    return np.asarray((claims * embedder.encode([item.evidence for item in items])).sum(axis=1))


def _tables(report: common.Report, items: Sequence[Judged], found: dict[str, CitationScores]) -> None:
    documents = len({item.document for item in items})
    report.table(
        f"SciFact validation, {len(items)} claims on {documents} abstracts; balanced accuracy, 95 % interval",
        ("judge", "three classes", "from", "to", "supported or not", "from", "to"),
        [(name, *_estimate(one.three_way), *_estimate(one.supported_or_not)) for name, one in found.items()],
    )
    report.table(
        f"Classes, {BOTH}",
        ("class", "claims", "precision", "recall"),
        [(one.label, one.claims, one.precision, one.recall) for one in found[BOTH].classes],
    )
    report.table(
        f"Difference to {COSINE}, on the same claims, 95 % interval",
        ("judge", "three classes", "from", "to", "supported or not", "from", "to"),
        [(name, *_difference(items, found[name], found[COSINE])) for name in (VERIFIER, BOTH)],
    )


def _unseen(
    report: common.Report, items: Sequence[Judged], found: dict[str, CitationScores], folder: Path
) -> None:
    """Add the scores on abstracts that no training claim is about, as a user's are."""
    seen = {claim.document for claim in read_claims(folder / "claims_train.csv")}
    places = [at for at, item in enumerate(items) if item.document not in seen]
    apart = [items[at] for at in places]
    scores = {name: score(apart, [one.said[at] for at in places]) for name, one in found.items()}
    report.table(
        f"The {len(apart)} of these claims on abstracts that no training claim is about",
        ("judge", "three classes", "from", "to", "supported or not", "from", "to"),
        [(name, *_estimate(s.three_way), *_estimate(s.supported_or_not)) for name, s in scores.items()],
    )


def _estimate(one: Estimate) -> tuple[float, float, float]:
    return one.value, one.low, one.high


def _difference(items: Sequence[Judged], one: CitationScores, other: CitationScores) -> list[float]:
    right = np.array([item.label for item in items])
    mine, theirs = np.array(one.said), np.array(other.said)
    row: list[float] = []
    for of in (lambda labels: labels, lambda labels: labels == "supported"):
        gains = [
            balanced_accuracy(of(mine[at]), of(right[at])) - balanced_accuracy(of(theirs[at]), of(right[at]))
            for at in (np.arange(len(right)), *resamples([item.document for item in items]))
        ]
        row += [gains[0], *(float(edge) for edge in np.percentile(gains[1:], [2.5, 97.5]))]
    return row


if __name__ == "__main__":
    sys.exit(main())
