"""What can be told without a model: a quote with other numbers, or the opposite sign, is no support."""

import pytest

from core.citations.agreement import may_support, negated, numbers

QUOTE = "Vitamin C lowered the rate from 10.1% to 2.4% in 416 patients, over fifty days and three centres."


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Vitamin C lowered the rate to 2.4%.", True),
        ("Vitamin C lowered the rate in 3 centres.", True),
        ("Vitamin C lowered the rate to 2.5%.", False),
        ("Vitamin C did not lower the rate.", False),
        ("Vitamin C doesn't lower the rate.", False),
        ("1. Vitamin C lowered the rate.", True),
    ],
)
def test_that_numbers_and_negation_must_agree(claim, expected):
    assert may_support(claim, QUOTE) is expected


def test_that_a_denial_may_rest_on_a_denial():
    assert may_support("Zinc had no effect.", "No effect of zinc was seen.")


def test_that_thousands_and_decimal_points_are_read_as_one_number():
    assert numbers("1,200 of 3 400; 0\u00b75 and 2.50") == {"1200", "3", "400", "0.5", "2.50"}


def test_that_negation_is_a_word_of_its_own():
    assert not negated("Notable nodes were normal.")
    assert negated("Treatment failed to help.")
