"""Sentences of abstracts and answers, with their offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.text import sentence_spans


def sentences(text):
    return [text[span.start : span.end] for span in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "It fell (p = 0.05).|We saw it.",
        "Growth of E. coli and S. aureus fell, e.g. in broth, i.e. at once.|It stopped.",
        "As Smith et al. 2010 and J. K. Rowling vs. Dr. Jones showed in Fig. 2, approx. 5 mg sufficed.|Yes.",
        "It was given i.v. at noon.|Then i.v.|The patients slept.",
        "Patients had hepatitis C.|None had vitamin D.|They lived.",
        "See No. 5.|The answer was no.|The end.",
        "Is it so?|Yes!|(It is.)|“Indeed.”|And so on...|Then more.",
        "TP53 was low.|mRNA rose.|p53 fell.|5 died.",
        "It was found. [12]|It was not [3].|Both. [1, 2] [4]|End",
        "One line\n|Another line. Still\n\n|Third",
        "有效。|无效。",
        "Dose was 5 mg q.d. for the U.S. Army.|All survived.",
        "version 2.0.1 at example.com is fine.|Next.",
    ],
)
def test_that_sentences_end_where_a_reader_would_end_them(text):
    expected = [part.strip() for part in text.split("|")]
    if "Still" in text:
        expected = ["One line", "Another line.", "Still", "Third"]
    assert sentences(text.replace("|", " ")) == expected


ABSTRACTS = st.text(st.sampled_from("ab AE.?!\n\r\t[1])\"'、。é\U0001f600"), max_size=200) | st.text(
    max_size=100
)


@given(ABSTRACTS)
def test_that_sentences_are_ordered_disjoint_and_hold_every_character(text):
    spans = sentence_spans(text)
    position = 0
    for span in spans:
        assert not text[position : span.start].strip()
        assert span.start < span.end
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        assert "\n" not in text[span.start : span.end]
        position = span.end
    assert not text[position:].strip()


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["." * 200_000 + "x", ".)" * 100_000, "A. " * 60_000, "[1]" * 60_000, ". [1" * 50_000]
)
def test_that_hostile_text_takes_no_more_time_than_its_length(text):
    assert sentence_spans(text)
