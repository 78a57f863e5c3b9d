"""What answers have in common with the expected ones."""

import pytest

from core.evaluation.text_scores import bleu, rouge


def test_that_rouge_leaves_markers_out():
    assert rouge("It helps children [2].", "It helps children [1][3].") == (1.0, 1.0, 1.0)
    assert 0 < rouge("It helps children.", "It harms children.", ("rougeL",))[0] < 1
    assert rouge("It helps.", "") == (0, 0, 0)


def test_that_rouge_counts_words_pairs_and_longest_sequence():
    # 3 of 4 words are shared, one pair of three, and the longest sequence in order has two words
    one, two, longest = rouge("drug lowers the pressure", "lowers the drug slowly")
    assert one == pytest.approx(3 / 4)
    assert two == pytest.approx(1 / 3)
    assert longest == pytest.approx(2 / 4)


def test_that_bleu_is_100_for_the_expected_words_and_none_for_nothing():
    text = "Vitamin C lowered the frequency of pain after fractures."
    assert bleu([text], [f"{text[:-1]} [1]."]) == pytest.approx(100, abs=0.01)
    assert bleu([text], ["Nothing of that is there at all, it seems."]) < 10
    assert bleu([], []) is None
