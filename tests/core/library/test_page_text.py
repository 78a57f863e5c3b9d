"""Words of a stored page are found on the page exactly, or not at all."""

import time
import unicodedata

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.library.page_text import locate, page_spans, stored_page
from core.library.records import make_document
from core.types import Span


def found(stored, words, page_text):
    start = stored.index(words)
    ranges = locate(stored, start, start + len(words), page_text)
    return None if ranges is None else [page_text[span.start : span.end] for span in ranges]


def letters(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not c.isspace() and c not in "-\x02")


def test_that_line_ends_and_hyphens_do_not_matter():
    page = "The treat\x02\r\nment of well-\r\nknown  pain\r\nworks."
    assert found("The treatment of well-known pain works.", "treatment of well-known", page) == [
        "treat\x02\r\nment of well-\r\nknown"
    ]


def test_that_line_numbers_in_the_margin_are_left_out():
    page = "3\r\n34 treatment of pain with 5\r\n35 mg is usual.\r\n36"
    stored = "treatment of pain with 5 mg is usual."
    assert found(stored, "with 5 mg is", page) == ["with 5", "mg is"]


def test_that_a_number_of_the_text_is_not_taken_for_the_one_in_the_margin():
    page = "1 Give a dose of\r\n2 2 mg a day.\r\n3 Stop after 2 days."
    stored = "Give a dose of 2 mg a day. Stop after 2 days."
    ranges = locate(stored, stored.index("2 mg"), stored.index(" a day"), page)
    assert ranges == [Span(page.index("2 mg"), page.index("2 mg") + 4)]


def test_that_ligatures_and_composed_letters_are_the_same_letters():
    page = "The e\ufb00ect of nai\u0308ve \ufb01bres"
    assert found("The effect of na\u00efve fibres", "effect of na\u00efve", page) == [
        "e\ufb00ect of nai\u0308ve"
    ]


def test_that_columns_in_another_order_are_found():
    page = "Right one goes\r\non here.\r\nLeft one begins\r\nand ends."
    stored = "Left one begins and ends. Right one goes on here."
    assert found(stored, "ends. Right one", page) == ["ends.", "Right one"]


def test_that_words_that_occur_twice_are_told_apart_by_what_is_around_them():
    page = "Pain is bad.\r\nNo pain is good.\r\nPain is bad."
    stored = "Pain is bad. No pain is good. Pain is bad."
    second = stored.rindex("is bad")
    assert locate(stored, second, second + 6, page) == [
        Span(page.rindex("is bad"), page.rindex("is bad") + 6)
    ]


def test_that_what_does_not_agree_to_the_letter_is_not_found():
    page = "The dose is 5 mg."
    assert locate("The dose is 50 mg.", 0, 18, page) is None
    assert locate("the dose is 5 mg.", 0, 17, page) is None
    assert locate("The dose is 5 mg. More.", 0, 8, page) is None
    assert locate("The dose is 5 mg.", 3, 4, page) is None


def test_that_two_places_that_would_do_are_none():
    page = "head\r\nsame\r\nhead\r\nsame\r\nhead"
    assert locate("same", 0, 4, page) is None


def test_that_a_page_of_one_word_again_and_again_does_not_take_for_ever():
    page = "\r\n".join(["0"] * 600)
    began = time.monotonic()
    locate(" ".join(["0"] * 500), 100, 200, page)
    assert time.monotonic() - began < 3


def test_that_a_passage_over_a_page_end_is_cut_at_it():
    document = make_document(
        title="T", sections=[("", "One two \fthree four. \f\fFive.")], source="a.pdf", paged=True
    )
    text = document.text
    start, end = text.index("two"), text.index("Five") + 2
    assert [(page, text[span.start : span.end]) for page, span in page_spans(document, start, end)] == [
        (1, "two "),
        (2, "three four. "),
        (4, "Fi"),
    ]
    assert [text[slice(*_pair(stored_page(document, page)))] for page in (1, 3, 4)] == [
        "One two ",
        "",
        "Five.",
    ]


def _pair(span):
    return span.start, span.end


WORDS = st.sampled_from(
    ["a", "the", "pain", "5", "12", "mg", "e\ufb03cacy", "na\u00efve", "x-ray", "(2.5%)", "0"]
)
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(lines=LINES, data=st.data())
def test_that_what_is_found_spells_the_passage_in_lines_that_are_its_own(lines, data):
    """Running heads, line numbers and another order of blocks, and yet each range is the passage's."""
    numbered = data.draw(st.booleans())
    cut = data.draw(st.integers(0, len(lines)))
    page, homes = "", {}
    for place in [*range(cut, len(lines)), *range(cut)]:
        page += f"{place + 70} " if numbered else ""
        homes[place] = (len(page), len(page) + len(lines[place]))
        page += lines[place] + "\r\n"
    page = page + data.draw(st.sampled_from(["", "Running Head\r\n", "17"]))
    stored = " ".join(lines)
    start = data.draw(st.integers(0, len(stored) - 1))
    end = data.draw(st.integers(start + 1, len(stored)))
    assume(letters(stored[start:end]))
    ranges = locate(stored, start, end, page)
    if ranges is None:
        return
    spelt = "".join(page[span.start : span.end] for span in ranges)
    # A ligature is one letter of the page and several of the text.
    expected = stored[start:end]
    assert letters(spelt).replace("\ufb03", "ffi").find(letters(expected).replace("\ufb03", "ffi")) == 0
    for span in ranges:
        assert any(low <= span.start and span.end <= high for low, high in homes.values()) or not numbered


@given(lines=st.lists(st.text("abcdefghij", min_size=4, max_size=12), min_size=3, max_size=12, unique=True))
def test_that_a_page_of_different_words_is_always_found(lines):
    page = "\r\n".join(f"{number} {line}" for number, line in enumerate(lines, start=200))
    stored = " ".join(lines)
    for line in lines:
        assert found(stored, line, page) == [line] or stored.count(line) > 1
