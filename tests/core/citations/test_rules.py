"""What can be told without a model: a quote with other numbers, or the opposite sense, is no support."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.citations.polarity import AXES, negated
from core.citations.rules import conflicts, may_rest_on, may_support
from core.citations.words import listed

QUOTE = "Vitamin C lowered the rate from 10.1% to 2.4% in 416 patients, over fifty days and three centres."
DOSE = "Patients took 5 mg of warfarin daily for 2 weeks, and mortality was reduced by 12.3% (p = 0.03)."


def reasons(claim, quote):
    return [conflict.reason for conflict in conflicts(claim, quote)]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Vitamin C lowered the rate to 2.4%.", True),
        ("Vitamin C lowered the rate in 3 centres.", True),
        ("Vitamin C lowered the rate to 2.5%.", False),
        ("Vitamin C did not lower the rate.", False),
        ("Vitamin C doesn't lower the rate.", False),
        ("Vitamin C raised the rate in 416 patients.", False),
        ("1. Vitamin C lowered the rate.", True),
    ],
)
def test_that_numbers_and_sense_must_agree(claim, expected):
    assert may_support(claim, QUOTE) is expected


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Patients were given 50 mg of warfarin.", "the quote says 5 mg/day, the sentence 50 mg"),
        ("Patients were given 5 g daily.", "the quote says 5 mg/day, the sentence 5 g/day"),
        ("Patients were given 5 mg/kg of warfarin.", "the quote does not mention 5 mg/kg"),
        ("Patients were treated for 3 weeks.", "the quote says 2 weeks, the sentence 3 weeks"),
        ("Mortality was reduced by 21.3%.", "the quote says 12.3%, the sentence 21.3%"),
        ("Mortality was reduced (p = 0.3).", "the quote says p = 0.03, the sentence p = 0.3"),
        (
            "Mortality was increased with warfarin in patients.",
            "the quote says \u201creduced\u201d, the sentence \u201cincreased\u201d",
        ),
        (
            "Mortality was not reduced with warfarin.",
            "only one of quote and sentence denies \u201creduced\u201d",
        ),
        ("It began on 3 May 2011.", "the quote does not mention 3 May 2011"),
    ],
)
def test_that_a_disagreement_is_told_in_words(claim, expected):
    assert reasons(claim, DOSE) == [expected]


@pytest.mark.parametrize(
    "claim",
    [
        "Patients took 0.005 g of warfarin a day for 14 days.",
        "Patients were given 5 mg of warfarin.",
        "Patients were given 5 mg a day.",
        "Mortality fell by about 12%.",
        "The difference was significant (p < 0.05).",
        "The treatment lasted two weeks.",
    ],
)
def test_that_the_same_said_otherwise_is_no_disagreement(claim):
    assert reasons(claim, DOSE) == []


def test_that_a_quote_which_says_otherwise_counts_more_than_one_that_does_not_say():
    (otherwise,) = conflicts("They took 50 mg.", "They took 5 mg.")
    (untold,) = conflicts("They took 50 mg.", "They took a tablet.")
    assert (otherwise.against, untold.against) == (True, False)


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Fewer than 5% of patients died.", "More than 5% of patients died."),
        ("Children under 12 years were treated.", "Children over 12 years were treated."),
    ],
)
def test_that_less_and_more_of_the_same_number_disagree(claim, quote):
    assert not may_support(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Zinc had no effect.", "No effect of zinc was seen."),
        (
            "Aspirin is not associated with asthma in adults.",
            "In adults no association of aspirin with asthma was found.",
        ),
        ("No patients with gout in Sweden died.", "In Sweden, of the patients with gout none died."),
        ("Aspirin did not increase bleeding in adults.", "Aspirin reduced bleeding in adults."),
        # what is compared with, and what is missing, can turn the sense of a direction
        ("Mortality was higher with placebo.", "Mortality was lower with aspirin than with placebo."),
        ("FGF21 reduces plaque formation in mice.", "Loss of FGF21 increased plaque formation in mice."),
        # directions of other things
        (
            "Aspirin lowered blood pressure.",
            "Aspirin raised potassium, and blood pressure was lowered by aspirin.",
        ),
        ("It affects memory, but not naive, cells.", "Memory cells are affected."),
    ],
)
def test_that_what_only_looks_opposed_is_let_through(claim, quote):
    assert reasons(claim, quote) == []


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Aspirin is associated with asthma in adults.", "Aspirin was not associated with asthma in adults."),
        ("Drug A was superior to drug B for pain.", "Drug A was inferior to drug B for pain."),
        ("Statins improve memory in old mice.", "Statins worsened memory in old mice."),
        ("Metformin activates the AMPK pathway in liver.", "Metformin inhibits the AMPK pathway in liver."),
        ("Sleep was longer after treatment with zinc.", "Sleep was shorter after treatment with zinc."),
        ("Zinc failed to reduce pain in adults.", "Zinc reduced pain in adults."),
    ],
)
def test_that_opposites_disagree_both_ways(claim, quote):
    assert not may_support(claim, quote)
    assert not may_support(quote, claim)


def test_that_a_claim_on_a_passage_may_draw_its_numbers_from_all_of_it():
    passage = "The trial had 416 patients. Vitamin C lowered the rate."
    assert may_rest_on("Vitamin C lowered the rate in 416 patients.", "Vitamin C lowered the rate.", passage)
    assert not may_rest_on(
        "Vitamin C lowered the rate in 500 patients.", "Vitamin C lowered the rate.", passage
    )


def test_that_negation_is_a_word_of_its_own():
    assert not negated("Notable nodes were normal.")
    assert negated("Treatment failed to help.")


UNITS = ["mg", "g", "ml", "mmol/l", "%", "years", "weeks", "mg/kg", "IU", "mmHg"]
AMOUNTS = st.integers(1, 999)
THINGS = st.lists(
    st.sampled_from(listed("zinc pain adults trial serum liver cells dose risk of in the with")), min_size=3
)
UP_OR_DOWN = st.sampled_from(
    [(up, down) for more, less in AXES.values() for up, down in [(min(more), min(less))]]
)
TELLING = listed("not no increased reduced without than superior but . zinc pain adults died patients risk")
WORDS = st.sampled_from([*TELLING, "5 mg", "p < 0.05", "12 May 2011", "10%"])


@given(st.text(max_size=120))
def test_that_any_sentence_agrees_with_itself(sentence):
    assert conflicts(sentence, sentence) == ()


@given(st.lists(WORDS))
def test_that_any_sentence_of_telling_words_agrees_with_itself(words):
    sentence = " ".join(words)
    assert conflicts(sentence, sentence) == ()


@given(AMOUNTS, AMOUNTS, st.sampled_from(UNITS))
def test_that_another_number_always_disagrees(one, other, unit):
    assume(one != other)
    quote = f"Adults were given {one} {unit} of zinc for their pain."
    (conflict,) = conflicts(f"Adults were given {other} {unit} of zinc for their pain.", quote)
    assert f"the quote says {one} {unit}, the sentence {other} {unit}" == conflict.reason


@given(AMOUNTS, st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_that_another_unit_always_disagrees(amount, one, other):
    assume(one != other)
    assert conflicts(f"Zinc was at {amount} {other} then.", f"Zinc was at {amount} {one} then.")


@given(THINGS, UP_OR_DOWN, THINGS)
def test_that_the_other_direction_of_the_same_always_disagrees(before, words, behind):
    up, down = words
    assume(len({*before[-8:], *behind[:8]} - {"of", "in", "the", "with"}) >= 2)
    one, other = (" ".join([*before, word, *behind]) for word in (up, down))
    assert conflicts(one, other)
    assert conflicts(other, one)


@given(THINGS, st.sampled_from(["reduced", "improved", "associated", "effective"]), THINGS)
def test_that_a_denial_of_the_same_always_disagrees(before, stating, behind):
    plain, denied = (" ".join([*before, "was", *no, stating, *behind]) for no in ((), ("not",)))
    assume(len({*before, *behind} - {"of", "in", "the", "with"}) >= 1)
    assert conflicts(denied, plain)
    assert conflicts(plain, denied)
