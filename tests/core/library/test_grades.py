"""Kinds of evidence by publication type."""

import pytest

from core.library.grades import ORDER, at_least, grade_of


@pytest.mark.parametrize(
    ("types", "grade"),
    [
        (["Journal Article", "Randomized Controlled Trial"], "randomised trial"),
        (["Clinical Trial, Phase III"], "trial"),
        (["Review", "Meta-Analysis"], "systematic review"),
        (["Practice Guideline", "Review"], "guideline"),
        (["Preprint", "Randomized Controlled Trial"], "preprint"),
        (["Journal Article"], None),
        ([], None),
    ],
)
def test_that_the_strongest_kind_counts(types, grade):
    assert grade_of(types) == grade


def test_that_the_order_of_the_settings_decides_and_need_not_be_complete():
    assert grade_of(["Review", "Practice Guideline"], ("review", "guideline")) == "review"
    assert at_least("guideline", ("review", "guideline")) == ("review", "guideline")
    assert at_least("preprint", ("preprint",)) == ("preprint",)
    assert at_least("preprint") == ORDER
