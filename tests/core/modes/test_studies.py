"""Who was studied is told in the document's own words, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.modes.studies import population, study
from core.types import Citation, DocumentRef

SAID = [
    (
        "We treated 120 patients with severe asthma, half of them with placebo.",
        "120 patients with severe asthma",
    ),
    (
        "In a trial of 3,412 women aged 50 to 69 years, screening found more.",
        "3,412 women aged 50 to 69 years",
    ),
    ("Among older adults with heart failure, rest did not help.", "older adults with heart failure"),
    ("The survey had answers (n = 214) from all regions.", "n = 214"),
    ("Forty-five nurses; 45 intensive care nurses were asked.", "45 intensive care nurses"),
    ("At baseline 40% of 300 children slept badly.", "300 children"),
    ("A total of 64 patients younger than 76 were seen.", "64 patients younger than 76"),
]
SILENT = [
    "Pain fell by 40% of its value.",
    "The drug was given for 20 years.",
    "Zinc shortens colds.",
    "In 2005 we reviewed all cases.",
    "",
]


@pytest.mark.parametrize(("text", "who"), SAID)
def test_that_who_was_studied_is_found(text, who):
    assert population(text) == who


@pytest.mark.parametrize("text", SILENT)
def test_that_nothing_is_made_up(text):
    assert population(text) == ""


WORDS = [
    "120",
    "patients",
    "with",
    "asthma",
    "among",
    "n",
    "=",
    "adults",
    "aged",
    "3,400",
    ",",
    ".",
    "40%",
    "of",
]


@given(st.lists(st.sampled_from(WORDS)))
def test_that_the_words_are_a_part_of_the_text(words):
    text = " ".join(words)
    assert population(text) in text


def test_that_a_row_has_the_strongest_design_its_record_names():
    document = DocumentRef("d" * 16, None, None, "Zinc", "", 2001, ("Journal Article", "Review"))
    citation = Citation(2, -1, document, "c", "Zinc helps.", 0, 11, 0.9, "search")
    row = study(citation, "Zinc helps 30 tired adults.", ("letter", "review"))
    assert (row.marker, row.design, row.population, row.finding) == (2, "review", "30 tired adults", citation)
    assert study(citation, "", ()).population == ""
