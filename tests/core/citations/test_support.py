"""Rules come first, a model after them, and what could do harm is shown only with support."""

import pytest

from core.citations.support import RuledVerifier, SimilarityVerifier, best, may_be_shown, support_of
from core.errors import ModelUnusable
from core.types import Sentence, Verdict
from tests.fakes.hash_embedder import HashEmbedder

QUOTE = "In adults, 5 mg of warfarin daily reduced the rate of stroke."


class Always:
    """Says one thing of everything, and remembers what it was asked."""

    def __init__(self, label="supported"):
        self.label = label
        self.asked = []

    def support(self, claims, evidence):
        self.asked += claims
        return [Verdict(self.label, 0.9) for _ in claims]


def judged(claim, model, quote=QUOTE):
    (verdict,) = RuledVerifier(lambda: model).support([claim], [quote])
    return verdict


def test_that_rules_overrule_a_model_which_is_not_even_asked():
    model = Always()
    verdict = judged("In adults, 50 mg of warfarin daily reduced the rate of stroke.", model)
    assert (verdict.label, verdict.score) == ("contradicted", 0.0)
    assert verdict.reasons == ("the quote says 5 mg/day, the sentence 50 mg/day",)
    assert model.asked == []


def test_that_a_number_the_quote_lacks_is_not_supported_and_not_contradicted():
    assert judged("Warfarin reduced the rate of stroke in 40% of adults.", Always()).label == "unsupported"


def test_that_words_taken_from_the_quote_need_no_model():
    def none():
        raise AssertionError("the model was loaded")

    (verdict,) = RuledVerifier(none).support(["5 mg of warfarin daily reduced the rate of stroke."], [QUOTE])
    assert verdict == Verdict("supported", 1.0)


def test_that_a_denial_taken_from_the_quote_without_its_not_is_no_support():
    quote = "It is not true that zinc reduced pain in adults."
    assert judged("Zinc reduced pain in adults.", Always(), quote).label == "contradicted"


def test_that_the_rest_is_for_the_model_in_one_call_and_in_order():
    model = Always("weak")
    claims = [
        "Warfarin protects adults.",
        "In adults, 50 mg of warfarin reduced stroke.",
        "Adults had fewer strokes.",
    ]
    labels = [verdict.label for verdict in RuledVerifier(lambda: model).support(claims, [QUOTE] * 3)]
    assert labels == ["weak", "contradicted", "weak"]
    assert model.asked == [claims[0], claims[2]]


def test_that_a_model_which_does_not_load_leaves_the_sentence_readable_and_marked():
    def broken():
        raise ModelUnusable("The folder is damaged.", "Copy it again.")

    claims = ["Warfarin protects adults.", "In adults, 50 mg of warfarin reduced stroke."]
    checked = RuledVerifier(broken).check(claims, [QUOTE] * 2)
    unchecked, ruled = checked.verdicts
    assert unchecked is None
    assert ruled.label == "contradicted"
    assert checked.failure == "The folder is damaged."
    with pytest.raises(ModelUnusable):
        RuledVerifier(broken).support(claims, [QUOTE] * 2)


def test_that_an_answer_is_supported_as_well_as_its_best_sentence():
    def sentence(label, score):
        return Sentence("It is.", 0, 6, (), Verdict(label, score))

    unchecked = Sentence("It is.", 0, 6, ())
    assert support_of([]) is support_of([unchecked]) is None
    assert support_of([sentence("unsupported", 0.2), sentence("contradicted", 0.4)]) == 0.0
    assert support_of([unchecked, sentence("weak", 0.3), sentence("unsupported", 0.4)]) == 0.3
    assert support_of([sentence("weak", 0.3), sentence("supported", 0.9)]) == 0.9


def test_that_likeness_alone_supports_nothing():
    embedder = HashEmbedder(dim=256)
    verifier = SimilarityVerifier(lambda: embedder)
    same, other = verifier.support([QUOTE, "Bread rises overnight."], [QUOTE, QUOTE])
    assert (same.label, other.label) == ("weak", "unsupported")
    assert same.score == pytest.approx(1.0)


def test_that_one_quote_which_supports_is_enough():
    verdicts = [Verdict("contradicted", 0.1), Verdict("supported", 0.7), Verdict("supported", 0.9)]
    assert best(verdicts) == Verdict("supported", 0.9)
    assert best([Verdict("unsupported", 0.3), Verdict("contradicted", 0.1)]).label == "contradicted"
    assert best([]) is None


@pytest.mark.parametrize("label", ["weak", "unsupported", "contradicted"])
def test_that_a_dose_is_shown_only_with_support(label):
    assert not may_be_shown("Take 5 mg daily.", Verdict(label, 0.3))
    assert may_be_shown("Take 5 mg daily.", Verdict("supported", 0.9))
    assert may_be_shown("Strokes were fewer.", Verdict(label, 0.3))
