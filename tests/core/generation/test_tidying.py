"""What a model writes around an answer, or again and again, is taken out and told."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.generation.tidying import tidied

GOOD = "Zinc shortens colds [1]. It does not prevent them [2]."


def test_that_an_ordinary_answer_is_left_alone():
    assert tidied(GOOD, tokens=14, most=200) == tidied(GOOD, tokens=14, most=14)
    assert (tidied(GOOD, tokens=14, most=200).text, tidied(GOOD, tokens=14, most=200).caution) == (GOOD, "")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Zinc helps. " * 4, "Zinc helps."),
        ("Zinc helps [1]. It is safe. Zinc helps [2]. Zinc helps.", "Zinc helps [1]. It is safe."),
        ("Zinc and zinc and zinc and zinc and zinc and zinc and zinc", "Zinc and zinc"),
        ("Yes." + " no" * 300, "Yes. no"),
    ],
)
def test_that_repeats_are_read_once_and_told(said, read):
    found = tidied(said, tokens=10, most=200)
    assert found.text == read
    assert "repeated itself" in found.caution


def test_that_two_equal_sentences_are_no_fault():
    assert tidied("It helps. Zinc. It helps.", tokens=8, most=200).caution == ""


def test_that_a_text_without_an_end_is_said_to_be_cut_off():
    assert "after 1,200 tokens" in tidied("Zinc shortens", tokens=1200, most=1200).caution
    assert tidied("Zinc shortens", tokens=1199, most=1200).caution == ""
    assert tidied("It says: \u201cZinc helps.\u201d [1]", tokens=9, most=9).caution == ""


@pytest.mark.parametrize(
    "said", ["<think>a b.\n\nc</think>\n{}", "<thinking>x</thinking>{}", "<THINK>?</THINK> {}"]
)
def test_that_thoughts_are_left_out(said):
    assert tidied(said.format(GOOD), tokens=9, most=200).text == GOOD


def test_that_thoughts_without_an_end_are_no_answer():
    assert tidied("<think>Let me see", tokens=5, most=5).text == ""


@given(
    st.lists(st.sampled_from(["a", "bb", ".", " ", "\n", "[1]", "The", "<think>", "</think>"]), max_size=60)
)
def test_that_nothing_is_made_up(parts):
    said = "".join(parts)
    letters = iter(said)  # each is looked for behind the one before
    assert all(letter in letters for letter in "".join(tidied(said, tokens=1, most=9).text.split()))


def test_that_a_long_text_takes_no_time():
    start = time.perf_counter()
    tidied("abcdefghij klmnop " * 4000 + "x", tokens=9, most=9)
    tidied("".join(chr(97 + at % 26) + " " * (at % 3) for at in range(40_000)), tokens=9, most=9)
    assert time.perf_counter() - start < 3
