"""Headings and paragraphs become labelled sections."""

from hypothesis import given
from hypothesis import strategies as st

from core.library.readers.outline import Outline, label_of

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 4), st.text("abc", min_size=1, max_size=3)),
        st.text("xyz\f", min_size=1, max_size=4),
    ),
    max_size=20,
)


def test_that_a_section_has_the_path_of_its_headings():
    outline = Outline()
    for level, heading in ((1, "A"), (2, "B"), (2, "C"), (1, "D")):
        outline.heading(level, heading)
        outline.paragraph(f"Under {heading}.")
    assert outline.finish() == [
        ("A", "Under A."),
        ("A > B", "Under B."),
        ("A > C", "Under C."),
        ("D", "Under D."),
    ]


def test_that_long_labels_are_shortened_and_keep_their_first_and_last():
    long = "word " * 30
    assert len(label_of([long])) <= 90
    assert label_of(["Methods", "m" * 80, "n" * 80]) == f"Methods > \u2026 > {'n' * 80}"
    assert label_of([long, long]).startswith("word word")
    assert len(label_of([long, long])) <= 140


@given(EVENTS)
def test_that_no_word_is_lost_or_doubled(events):
    outline = Outline()
    for event in events:
        if isinstance(event, tuple):
            outline.heading(*event)
        else:
            outline.paragraph(event)
    sections = outline.finish()
    texts = "".join(text for _, text in sections)
    assert all(text.strip() for _, text in sections)
    for kind in (str, tuple):
        words = [event if kind is str else event[1] for event in events if isinstance(event, kind)]
        for word in {word.strip() for word in words if word.strip()}:
            assert word in texts or any(word in label.split(" > ") for label, _ in sections)
    breaks = sum(event.count("\f") for event in events if isinstance(event, str) and event.strip())
    assert texts.count("\f") == breaks


def test_that_page_breaks_before_headings_come_to_the_words_that_follow():
    outline = Outline()
    outline.heading(1, "\fAlone")
    outline.heading(1, "\f\fMethods")
    outline.paragraph("\fText")
    assert outline.finish("\f") == [("", "\fAlone"), ("Methods", "\f\f\fText\f")]
