"""The scores of a verifier, worked out by hand on few claims."""

import pytest

from core.evaluation.citations import evaluate, resamples, score
from core.evaluation.scifact import Judged
from core.types import Verdict

RIGHT = ["supported", "supported", "supported", "supported", "contradicted", "contradicted", "unsupported"]
ITEMS = [Judged(f"claim {at}", f"evidence {at}", label, str(at // 2)) for at, label in enumerate(RIGHT)]


class Told:
    """A verifier that says what it was told, in order."""

    def __init__(self, labels):
        self.labels = labels

    def support(self, claims, evidence):
        assert [claim.replace("claim", "evidence") for claim in claims] == list(evidence)
        return [Verdict(label, 0.5) for label in self.labels]


def test_that_balanced_accuracy_is_the_mean_of_the_recalls():
    said = ["supported", "supported", "supported", "weak", "contradicted", "supported", "unsupported"]
    scores = evaluate(ITEMS, Told(said))
    assert scores.three_way.value == pytest.approx((3 / 4 + 1 / 2 + 1) / 3, abs=1e-4)
    assert scores.supported_or_not.value == pytest.approx((3 / 4 + 2 / 3) / 2, abs=1e-4)
    by_label = {one.label: (one.claims, one.precision, one.recall) for one in scores.classes}
    assert by_label == {
        "supported": (4, 0.75, 0.75),
        "contradicted": (2, 1.0, 0.5),
        "unsupported": (1, 0.5, 1.0),
    }


def test_that_weak_counts_as_not_supported():
    assert evaluate(ITEMS, Told(["weak"] * 7)).said == ("unsupported",) * 7


def test_that_a_label_never_given_has_no_precision():
    (one,) = [one for one in score(ITEMS, ["supported"] * 7).classes if one.label == "contradicted"]
    assert (one.precision, one.recall) == (None, 0.0)


def test_that_the_interval_holds_the_value_and_is_the_same_every_time():
    said = ["supported", "unsupported"] * 3 + ["unsupported"]
    first, second = score(ITEMS, said), score(ITEMS, said)
    assert first == second
    assert first.three_way.low < first.three_way.value < first.three_way.high
    perfect = score(ITEMS, RIGHT).three_way
    assert (perfect.low, perfect.value, perfect.high) == (1.0, 1.0, 1.0)


def test_that_claims_on_one_abstract_are_drawn_together():
    for places in resamples(["a", "a", "a", "b"])[:50]:
        counts = [list(places).count(at) for at in range(4)]
        assert counts[0] == counts[1] == counts[2]
        assert sum(counts[:1]) + counts[3] == 2
