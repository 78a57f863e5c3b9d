"""Numbers are read with their units, so that equal amounts are equal however they are written."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.citations.quantities import figures, numbers


def only(text):
    (quantity,) = figures(text).quantities
    return quantity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.5 g", "500 mg"),
        ("500 \u00b5g", "0.5mg"),
        ("500 \u03bcg", "500 mcg"),
        ("2 weeks", "14 days"),
        ("two weeks", "14-day"),
        ("18 months", "1.5 years"),
        ("24 h", "1 day"),
        ("5 mg/kg", "5 mg per kg"),
        ("10 mg daily", "10 mg/day"),
        ("10 mg a day", "70 mg per week"),
        ("1 g/l", "100 mg/dl"),
        ("5 mmol/L", "5000 \u00b5mol/l"),
        ("10%", "10 per cent"),
        ("10 percent", "10 %"),
        ("1,200 ml", "1.2 litres"),
        ("0\u00b75 kg", "500 g"),
        ("5 million IU", "5,000,000 units"),
        ("twice daily", "two times a day"),
        ("twice a day", "14 times per week"),
        ("3-fold", "3 times"),
        ("15 kPa", "112.5 mmHg"),
    ],
)
def test_that_equal_amounts_are_equal(one, other):
    assert (only(one).value, only(one).measure) == (only(other).value, only(other).measure)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 mg", "5 ml"),
        ("5 mg", "5 mg/kg"),
        ("5 mM", "5 mm"),
        ("10%", "10 percentage points"),
        ("12 months", "52 weeks"),
        ("5 mmol/l", "5 mg/l"),
        ("5 IU", "5 mg"),
    ],
)
def test_that_different_measures_are_not_compared(one, other):
    assert only(one).measure != only(other).measure


def test_that_a_unit_counts_for_all_of_a_list_and_both_ends_of_a_range():
    assert [q.value for q in figures("5, 10 and 20 mg").quantities] == [
        Fraction(n, 1000) for n in (5, 10, 20)
    ]
    assert [q.measure for q in figures("5\u201310 mg, 3 to 4 weeks").quantities] == [("mass",)] * 2 + [
        ("days",)
    ] * 2


def test_that_names_and_pronouns_are_no_numbers():
    assert figures("one of the p53 and CD4 3D models, 2nd").quantities == ()


def test_that_less_and_more_and_about_are_noticed():
    found = figures(
        "less than 5 mg, more than 6 mg, about 7 mg, \u2265 8 mg, under 9 mg and 10 mg"
    ).quantities
    assert [quantity.compared for quantity in found] == ["<", ">", "~", ">", "<", "="]


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("p < 0.05", "<", Fraction(1, 20)),
        ("P=.03", "=", Fraction(3, 100)),
        ("p-value of > 0\u00b71", ">", Fraction(1, 10)),
        ("p = 2 x 10-5", "=", Fraction(2, 10**5)),
        ("P<1", "<", Fraction(1)),
    ],
)
def test_that_p_values_are_read(text, sign, value):
    found = figures(text)
    (p_value,) = found.p_values
    assert (p_value.sign, p_value.value) == (sign, value)
    assert found.quantities == ()


@pytest.mark.parametrize(
    "text",
    ["on 2020-03-12", "on 12 March 2020", "on March 12th, 2020", "on 12 Mar. 2020", "12th of March 2020"],
)
def test_that_a_day_is_the_same_day_however_it_is_written(text):
    (date,) = figures(text).dates
    assert (date.year, date.month, date.day) == (2020, 3, 12)
    assert figures(text).quantities == ()


def test_that_a_month_has_no_day():
    (date,) = figures("in May 2019").dates
    assert (date.year, date.month, date.day) == (2019, 5, None)


def test_that_the_number_of_a_list_item_is_none():
    assert only("1. It was 5 mg.").written == "5 mg"


def test_that_thousands_and_decimal_points_are_read_as_one_number():
    assert numbers("1,200 of 3 400; 0\u00b75 and 2.50") == {"1200", "3", "400", "0.5", "2.50"}


@given(st.text(max_size=200))
def test_that_any_text_can_be_read(text):
    figures(text)


UNITS = [
    "mg",
    "g",
    "\u00b5g",
    "kg",
    "ml",
    "l",
    "mmol/l",
    "mg/dl",
    "%",
    "days",
    "weeks",
    "years",
    "mmHg",
    "IU",
    "mg/kg",
]


@given(st.decimals(min_value=0, max_value=10**6, places=2), st.sampled_from(UNITS))
def test_that_a_number_keeps_its_value_and_unit(value, unit):
    quantity = only(f"It was {value} {unit} in all.")
    assert quantity.number == Fraction(value)
    assert quantity.written == f"{value} {unit}"
