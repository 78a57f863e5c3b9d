"""Records become documents with clean text, exact sections and checked identifiers."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.records import (
    clean,
    clean_doi,
    clean_pmcid,
    clean_pmid,
    content_id,
    make_document,
    year_in,
)


def make(title="A title", sections=(("", "Some text."),), **changes):
    return make_document(title=title, sections=sections, source="cards.jsonl", **changes)


def test_that_sections_are_joined_by_a_blank_line_and_labels_stay_out_of_the_text():
    document = make(sections=[("AIM", " To  see. "), ("", "  "), ("RESULTS", "Seen.\n\nTwice.")])
    assert document.text == "To see.\n\nSeen.\n\nTwice."
    assert [(s.label, document.text[s.start : s.end]) for s in document.sections] == [
        ("AIM", "To see."),
        ("RESULTS", "Seen.\n\nTwice."),
    ]


def test_that_the_title_stands_in_for_a_missing_text():
    document = make(sections=[])
    assert document.text == "A title"
    assert [(s.start, s.end) for s in document.sections] == [(0, 7)]


def test_that_a_record_with_neither_title_nor_text_is_refused():
    with pytest.raises(ValueError, match="neither a title nor any text"):
        make(title=" \u200b\x00", sections=[("BACKGROUND", " ")])


def test_that_line_ends_inside_a_paragraph_become_spaces_and_control_characters_go():
    assert clean("a\r\nb\x07\tc \u00a0d\r\n \r\ne\ufeff\u202e") == "a b c d\n\ne"


def test_that_text_is_composed():
    assert clean("Cafe\u0301") == "Caf\u00e9"


@given(st.text())
def test_that_cleaning_twice_changes_nothing_more(text):
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=60)), max_size=6), st.text(max_size=20))
def test_that_sections_cover_the_text_in_order(sections, title):
    try:
        document = make(title=title, sections=sections)
    except ValueError:
        return
    parts = [document.text[s.start : s.end] for s in document.sections]
    assert "\n\n".join(parts) == document.text
    assert all(part and part == clean(part) for part in parts)


def test_that_the_id_depends_on_the_content_and_not_on_the_file():
    one = make_document(title="T", sections=[("", "x")], source="a.xml", external_id="1")
    assert one.id == make_document(title="T", sections=[("", "x")], source="b.xml").id
    assert len(one.id) == 16
    assert one.id != make_document(title="T", sections=[("", "y")], source="a.xml").id
    assert one.id != make_document(title="T", sections=[("", "x")], source="a.xml", retracted=True).id


def test_that_ids_stay_what_they_were():
    full = make_document(
        title="H\u00e9 said",
        sections=[("AIM", "To see."), ("", 'A "quote".')],
        source="a.xml",
        pmid="7",
        doi="10.1000/X",
        pmcid="PMC5",
        authors=["Doe, Jane"],
        journal="J",
        year=1999,
        publication_types=["Review"],
        mesh=["Water"],
        language="eng",
    )
    assert full.id == "9b525e8fc54d1392"
    later = replace(full, keywords=("k",), concern=True, corrected=True, pages=(0, 3), retracted=True)
    assert content_id(later) == "846718d99954564c"
    assert make(sections=[]).id == "60f51b01659204b0"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://doi.org/10.1000/ABC", "10.1000/abc"),
        ("doi: 10.1000/x", "10.1000/x"),
        ("10.1/x", None),
        ("", None),
    ],
)
def test_that_a_doi_is_kept_bare_and_in_lower_case(given, kept):
    assert clean_doi(given) == kept


@pytest.mark.parametrize(("given", "kept"), [(" 0123 ", "123"), ("PMC1", None), ("0", None), ("١٢", None)])
def test_that_a_pmid_is_digits(given, kept):
    assert clean_pmid(given) == kept


def test_that_a_pmcid_carries_its_prefix():
    assert [clean_pmcid(value) for value in ("123", "pmc123", "x")] == ["PMC123", "PMC123", None]


@pytest.mark.parametrize(("given", "year"), [("1998 Dec-1999 Jan", 1998), ("Winter", None), ("12345", None)])
def test_that_the_first_year_of_a_date_counts(given, year):
    assert year_in(given) == year


def test_that_form_feeds_say_where_pages_begin_and_may_cut_a_word():
    sections = [("A", "\fOne two\n\fthree.\n\n\f\fFour pa"), ("", "\f"), ("B", "tient on\fcology. \f")]
    document = make(sections=sections, paged=True)
    assert document.text == "One two three.\n\nFour pa\n\ntient oncology."
    begin = [document.text[start : start + 4] for start in document.pages]
    assert begin == ["One ", "One ", "thre", "Four", "Four", "tien", "colo", ""]


def test_that_without_text_there_are_no_pages_and_a_form_feed_is_white_space_elsewhere():
    assert make(sections=[("", "\f\f")], paged=True).pages == ()
    assert make(sections=[("", "One\ftwo")]).text == "One two"


@given(st.lists(st.sampled_from(["One", "two.", "\u0301", " ", "\n\n", "\f"]), max_size=30))
def test_that_page_breaks_leave_the_text_alone(pieces):
    raw = "".join(piece if piece != "\f" else " \f" for piece in pieces)
    paged, plain = make(sections=[("", raw)], paged=True), make(sections=[("", raw)])
    if plain.text == "A title":
        return
    assert paged.text == plain.text
    assert len(paged.pages) == 1 + raw.count("\f")
    assert list(paged.pages) == sorted(paged.pages)
    assert paged.pages[-1] <= len(paged.text)
