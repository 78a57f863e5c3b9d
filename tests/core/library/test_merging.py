"""Two records of one publication become one, whichever comes first, and nothing identifying is lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.library.merging import merge
from core.library.records import content_id, make_document
from core.types import Document

WORDS = st.sampled_from(["asthma", "gout", "Trial", "é", "of", "in adults", "A", "a"])
LINES = st.lists(WORDS, max_size=4).map(" ".join)
NAMES = st.lists(WORDS, max_size=3)
SECTIONS = st.lists(st.tuples(st.sampled_from(["", "AIM"]), LINES), max_size=2)
IDENTIFIERS = {
    "pmid": st.sampled_from([None, "1"]),
    "doi": st.sampled_from([None, "10.1000/a"]),
    "pmcid": st.sampled_from([None, "PMC1"]),
}


UNDATED = st.just("")


def records(revised=UNDATED):
    fields = {
        "title": LINES.map(lambda words: f"T {words}"),
        "sections": SECTIONS,
        "source": st.sampled_from(["a.xml", "b.ris", "c.csv"]),
        "authors": NAMES,
        "journal": LINES,
        "year": st.sampled_from([None, 2001, 2002]),
        "publication_types": NAMES,
        "mesh": NAMES,
        "keywords": NAMES,
        "language": st.sampled_from(["", "eng", "fre"]),
        "retracted": st.booleans(),
        "concern": st.booleans(),
        "corrected": st.booleans(),
        "revised": revised,
    } | IDENTIFIERS
    return st.fixed_dictionaries(fields).map(lambda given: make_document(**given))


ANY = records(st.sampled_from(["", "2020-01-01", "2021-01-01"]))


@given(ANY)
def test_that_a_record_merged_with_itself_is_itself(record):
    assert merge(record, record) == record


@given(ANY, ANY)
def test_that_a_record_merged_again_changes_nothing(stored, new):
    once = merge(stored, new)
    assert merge(once, new) == once
    assert once.id == content_id(once)


@given(records(), records())
def test_that_the_order_of_two_records_without_a_date_does_not_change_the_content(one, other):
    assert merge(one, other).id == merge(other, one).id


@given(ANY, ANY)
def test_that_nothing_that_identifies_a_publication_or_its_records_is_lost(stored, new):
    merged = merge(stored, new)
    for name in IDENTIFIERS:
        given = {getattr(stored, name), getattr(new, name)} - {None}
        assert {getattr(merged, name)} - {None} == given
    assert merged.sources == tuple(dict.fromkeys(stored.sources + new.sources))


@given(records(), records())
def test_that_no_term_and_no_notice_is_lost(one, other):
    merged = merge(one, other)
    for name in ("mesh", "keywords", "publication_types"):
        known = {value.casefold() for value in getattr(merged, name)}
        assert known == {value.casefold() for each in (one, other) for value in getattr(each, name)}
    for name in ("retracted", "concern", "corrected"):
        assert getattr(merged, name) == (getattr(one, name) or getattr(other, name))


@given(ANY, ANY)
def test_that_sections_fit_the_text(stored, new):
    merged = merge(stored, new)
    assert merged.text
    assert all(0 <= part.start <= part.end <= len(merged.text) for part in merged.sections)
    assert merged.sections[-1].end == len(merged.text)


def record(**changes) -> Document:
    fields = {"title": "A paper", "sections": [("", "Its abstract.")], "source": "a.xml", "pmid": "1"}
    return make_document(**(fields | changes))


def test_that_the_richer_fields_of_both_are_kept():
    from_ris = record(
        source="b.ris",
        authors=["Doe, J", "Roe, R"],
        journal="N Engl J Med",
        sections=[("", "Its abstract. And more of it.")],
        keywords=["asthma"],
        doi="10.1000/a",
    )
    from_xml = record(authors=["Doe, Jane"], journal="The New England journal of medicine", mesh=["Asthma"])
    merged = merge(from_xml, from_ris)
    assert merged.authors == ("Doe, J", "Roe, R")
    assert merged.journal == "The New England journal of medicine"
    assert (merged.mesh, merged.keywords, merged.doi) == (("Asthma",), ("asthma",), "10.1000/a")
    assert merged.text == "Its abstract. And more of it."
    assert merged.sources == ("a.xml", "b.ris")


def test_that_a_later_revision_wins_whole_and_an_earlier_one_that_comes_late_adds_nothing():
    old = record(revised="2020-01-01", mesh=["Wrong"], sections=[("", "A long abstract that was wrong.")])
    new = record(revised="2021-01-01", mesh=["Right"], sections=[("", "Right.")], source="b.xml")
    for merged in (merge(old, new), merge(new, old)):
        assert (merged.text, merged.mesh, merged.revised) == ("Right.", ("Right",), "2021-01-01")
    assert merge(new, old).id == new.id


def test_that_a_full_text_is_not_replaced_by_a_revised_abstract():
    full = replace(record(sections=[("", "Page one. Page two.")]), pages=(0, 10), original="ab.pdf")
    stored = merge(record(revised="2020-01-01"), full)
    merged = merge(stored, record(revised="2021-01-01", mesh=["New"], sections=[("", "Another abstract.")]))
    assert (merged.text, merged.pages, merged.original) == (full.text, (0, 10), "ab.pdf")
    assert merged.mesh == ("New",)


def test_that_a_title_stands_in_only_while_there_is_no_text():
    bare = record(sections=[], title="A title that is longer than the abstract")
    assert merge(bare, record()).text == "Its abstract."
    longer = merge(record(sections=[], title="A title"), bare)
    assert longer.text == longer.title == bare.title
