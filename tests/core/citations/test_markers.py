"""Markers: read as the model wrote them, written only where they resolve."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.citations.markers import place_markers, read_markers, without_markers


def read(answer: str, count: int = 3) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.markers) for sentence in read_markers(answer, count)]


@pytest.mark.parametrize(
    "answer",
    [
        "It heals [1]. It hurts [2].",
        "It heals.[1] It hurts.[2]",
        "It heals. [1] It hurts. [2]",
        "It heals[1]. It hurts[2].",
    ],
)
def test_that_a_marker_belongs_to_the_sentence_it_follows(answer):
    assert read(answer) == [("It heals.", (1,)), ("It hurts.", (2,))]


def test_that_lists_and_ranges_are_several_markers():
    assert read("It heals [1, 3]. It hurts [1-3].") == [("It heals.", (1, 3)), ("It hurts.", (1, 2, 3))]


def test_that_markers_naming_no_passage_are_dropped():
    assert read("It heals [7]. It hurts [0][2][36327391].") == [("It heals.", ()), ("It hurts.", (2,))]


def test_that_brackets_with_other_content_stay():
    assert read("The ratio was 2 [95% CI 1.2 to 3.4].") == [("The ratio was 2 [95% CI 1.2 to 3.4].", ())]


def test_that_an_answer_of_markers_alone_is_no_sentence():
    assert read("[1][2]") == []


def test_that_markers_stand_before_the_closing_punctuation():
    assert place_markers("It heals.", (1, 3)) == "It heals [1][3]."
    assert place_markers('He said "yes."', (2,)) == 'He said "yes [2]."'
    assert place_markers("It heals", (2,)) == "It heals [2]"
    assert place_markers("It heals.", ()) == "It heals."


@given(st.text(alphabet="ab .[]123,-\n", max_size=80), st.integers(0, 3))
def test_that_whatever_is_written_only_known_passages_are_named(answer, count):
    for sentence in read_markers(answer, count):
        assert all(1 <= marker <= count for marker in sentence.markers)
        assert sentence.text == sentence.text.strip()


@given(st.text(alphabet="ab .[]123,-\n", max_size=80))
def test_that_no_word_is_lost(answer):
    words = re.findall(r"[ab]+", " ".join(sentence.text for sentence in read_markers(answer, 9)))
    assert words == re.findall(r"[ab]+", without_markers(answer))
