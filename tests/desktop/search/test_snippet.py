"""The words of a search, marked in the part of a passage that shows them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.search.query_words import patterns
from desktop.search.snippet import LENGTH, snippet

FILLER = "Nothing of interest was seen in any of the groups that were compared. " * 12


def marked(query, text):
    shown, spans = snippet(text, patterns(query))
    return [shown[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("randomised trial", "Two trials were randomised.", ["trials", "randomised"]),
        ("therapy", "Therapies differ; a therapist does not.", ["Therapies", "therapist"]),
        ("the heart of age", "The heart of stage one.", ["heart"]),
        ('"heart failure"', "Heart failure, and failure of the heart.", ["Heart failure"]),
        ("child*", "Childhood and children", ["Childhood", "children"]),
        ("aspirin NOT stroke", "Aspirin after stroke", ["Aspirin"]),
        ("author:smith title:aspirin", "Smith gave aspirin", ["aspirin"]),
        ("pmid:12345678", "PMID 12345678", []),
        ("((", "((", []),
    ],
)
def test_that_the_forms_of_what_is_looked_for_are_marked_and_nothing_else(query, text, expected):
    assert marked(query, text) == expected


def test_that_the_place_with_the_most_words_is_shown():
    text = f"Aspirin. {FILLER} Aspirin lowered mortality after infarction. {FILLER}"
    shown, spans = snippet(text, patterns("aspirin mortality infarction"))
    assert [shown[s.start : s.end].lower() for s in spans] == ["aspirin", "mortality", "infarction"]
    assert shown.startswith("… ")
    assert shown.endswith(" …")


@given(st.text(), st.text(alphabet=st.characters(codec="utf-8"), max_size=2000))
def test_that_marks_lie_in_the_snippet_and_in_order_whatever_is_typed(query, text):
    pattern = patterns(query)
    shown, spans = snippet(text, pattern)
    assert len(shown) <= LENGTH + 4
    last = 0
    for span in spans:
        assert last <= span.start < span.end <= len(shown)
        assert re.fullmatch(pattern, shown[span.start : span.end])
        last = span.end
