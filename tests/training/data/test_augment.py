"""Augmentation: other wordings and thinner evidence that still mean the same."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tuning.pairs import Evidence
from training.data.augment import drop_sections, paraphrases

ASKED = [
    "Does aspirin not lower the risk of stroke by 12.5 %?",
    "Which enzyme does GATA4 inhibit?",
    "List 3 drugs without renal clearance.",
    "What is the role of BRCA1 in repair?",
    "WHO guidance on insulin: is it followed?",
    "Preoperative fasting: useful or not?",
]
VOCABULARY = """Does Is List What is the role of not no without 12 0.5 aspirin p53 never? WHO less"""
WORDS = st.lists(st.sampled_from(VOCABULARY.split()), max_size=12).map(" ".join)
LABELS = st.sampled_from(["AIM", "METHODS", "RESULTS", ""])


def words(text: str) -> list[str]:
    return re.findall(r"[\w.%]+", text.lower().replace("?", " ").rstrip(". "))


def evidence(*labels: str) -> Evidence:
    return Evidence("T", "1", tuple((label, f"text {n}") for n, label in enumerate(labels)))


@pytest.mark.parametrize("question", ASKED)
def test_that_a_paraphrase_keeps_the_rest_of_the_question_word_for_word(question):
    for seed in range(30):
        other = paraphrases(question, random.Random(seed))
        assert other is not None
        assert other != question
        kept = words(question)[1:] if not question.startswith("What is") else ["of", "brca1", "in", "repair"]
        assert words(other)[-len(kept) :] == kept


@given(WORDS | st.text(max_size=60), st.integers(0, 2**31))
def test_that_numbers_and_negations_are_those_of_the_question(question, seed):
    other = paraphrases(question, random.Random(seed))
    for fact in (r"\d+(?:\.\d+)?", r"\b(?:not?|never|without|less)\b"):
        assert re.findall(fact, other or question) == re.findall(fact, question)


@given(st.sampled_from(ASKED), st.integers(0, 2**31))
def test_that_the_same_seed_gives_the_same_wording(question, seed):
    assert paraphrases(question, random.Random(seed)) == paraphrases(question, random.Random(seed))


def test_that_a_name_in_capitals_keeps_them():
    assert all("WHO guidance" in (paraphrases(ASKED[4], random.Random(seed)) or "") for seed in range(30))


def test_that_nothing_is_made_of_nothing_or_of_what_was_paraphrased_already():
    assert paraphrases("  ", random.Random(0)) is None
    once = paraphrases("Is it safe?", random.Random(1))
    assert once is not None
    assert paraphrases(once, random.Random(2)) is None


def test_that_results_and_unlabelled_sections_are_never_dropped():
    thinner = drop_sections(evidence("BACKGROUND", "METHODS", "RESULTS", ""), random.Random(0), 1.0)
    assert [label for label, _ in thinner.sections] == ["RESULTS", ""]


@given(st.lists(LABELS, max_size=6), st.integers(), st.floats(0, 1))
def test_that_dropping_keeps_an_ordered_part_and_never_everything_goes(labels, seed, chance):
    whole = evidence(*labels)
    thinner = drop_sections(whole, random.Random(seed), chance)
    left = iter(whole.sections)
    assert all(section in left for section in thinner.sections)
    assert bool(thinner.sections) == bool(labels)
    assert thinner == drop_sections(whole, random.Random(seed), chance)


def test_that_a_chance_of_zero_changes_nothing():
    assert drop_sections(evidence("AIM", "METHODS"), random.Random(0), 0.0) == evidence("AIM", "METHODS")
