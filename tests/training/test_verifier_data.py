"""What the verifier learns from: nothing of a test set, and opposites that are opposites."""

import json
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.scifact import read_claims
from training.data.test_sets import examined
from training.verifier_data import CALIBRATION, examples, statement
from training.verifier_flips import flipped


@pytest.mark.parametrize(
    ("sentence", "opposites"),
    [
        ("Zinc increases appetite.", {"Zinc decreases appetite.", "Zinc reduces appetite."}),
        ("Zinc is useful.", {"Zinc is not useful."}),
        ("Zinc does not cure colds.", {"Zinc cure colds."}),
        ("Zinc has not helped.", {"Zinc has helped."}),
        ("Zinc cures colds.", {""}),
    ],
)
def test_that_a_word_turns_the_sense(sentence, opposites):
    assert {flipped(sentence, random.Random(seed)) for seed in range(40)} == opposites


def test_that_numbers_are_changed_and_names_with_digits_are_not():
    assert all("IL-6 fell in" in flipped("IL-6 fell in 20 adults", random.Random(seed)) for seed in range(20))


@given(st.text(max_size=80), st.integers(0, 99))
def test_that_what_is_flipped_is_another_sentence(sentence, seed):
    assert flipped(sentence, random.Random(seed)) != sentence or not sentence


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Is zinc associated with colds?", "Zinc is associated with colds."),
        ("Does zinc improve sleep?", "Zinc improve sleep."),
        ("Are the effects of zinc different in adults?", "The effects of zinc are different in adults."),
        ("Which dose of zinc is best?", ""),
    ],
)
def test_that_a_question_becomes_a_statement(question, said):
    assert statement(question) == said


@pytest.mark.shared
@pytest.mark.slow
def test_that_nothing_of_a_test_set_is_learned_and_every_class_is_there(shared):
    parts = examples(shared)
    assert {one.label for one in parts["train"]} == {"supported", "unsupported", "contradicted"}
    claims = {claim.text for claim in read_claims(shared / "scifact" / "claims_validation.csv")}
    assert not claims & {one.claim for one in parts["train"]}
    groups = {one.group for one in parts["train"] if one.source.startswith("scifact")}
    assert not groups & {one.group for one in parts["calibration"]}
    assert all(int(one.group) % CALIBRATION == 0 for one in parts["calibration"])
    asked = {one.group for one in parts["train"] if one.source.startswith("bioasq")}
    assert asked
    assert not any(examined(number) for number in asked)
    test = json.loads((shared / "pubmedqa" / "test_ground_truth.json").read_text("utf-8"))
    assert not {one.group for one in parts["train"] if one.source.startswith("pubmedqa")} & set(test)
    assert min(Counter(one.source for one in parts["train"]).values()) >= 10
