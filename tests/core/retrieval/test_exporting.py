"""Search results as RIS, CSV and Markdown: nothing lost that a reader of them needs."""

import csv
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.cancel import Cancelled
from core.errors import SettingsInvalid, StorageFull
from core.library.readers import ris
from core.library.records import make_document
from core.retrieval.exporting import ResultList, in_words, listed, write_results
from core.types import Document, DocumentRef, Filters, Hit, Scores

TRIAL = make_document(
    title="Zinc for the common cold [a trial]",
    sections=[("Methods", "We gave zinc."), ("Results", "Colds were shorter.")],
    source="a.nbib",
    pmid="101",
    doi="10.1000/zinc.1",
    pmcid="PMC77",
    authors=["Marx K", "Doe A"],
    journal="Journal of Examples",
    year=2012,
    publication_types=["Randomized Controlled Trial"],
    mesh=["Zinc"],
    language="eng",
)


def hit(document, rank=1, quote="We gave zinc.", **marks):
    ref = DocumentRef(
        document.id, document.pmid, document.doi, document.title, document.journal, document.year,
        document.publication_types, library="starter", **marks,
    )  # fmt: skip
    start = document.text.find(quote)
    return Hit(rank, ref, quote, start, start + len(quote), Scores(None, None, 0.0), page=3)


def written(path, *found, query="zinc", filters="none"):
    by_id = {document.id: document for document, _ in found}
    results = listed([one for _, one in found], lambda ref: by_id.get(ref.id))
    write_results(path, ResultList(query, filters, ("starter",), results))
    return path


def test_that_ris_is_read_back_with_all_that_identifies_and_describes_a_document(tmp_path):
    (read,) = ris.read(written(tmp_path / "x.ris", (TRIAL, hit(TRIAL))))
    same = ("title", "pmid", "doi", "pmcid", "authors", "journal", "year", "language", "text")
    assert [getattr(read, name) for name in same] == [getattr(TRIAL, name) for name in same]
    assert "Randomized Controlled Trial" in read.publication_types
    assert read.keywords == ("Zinc",)
    assert not read.retracted


def test_that_a_mark_from_an_imported_list_is_in_every_form(tmp_path):
    marked = hit(TRIAL, retracted=True, concern=True)
    (read,) = ris.read(written(tmp_path / "x.ris", (TRIAL, marked)))
    assert read.retracted
    (row,) = rows(written(tmp_path / "x.csv", (TRIAL, marked)))
    assert (row["retracted"], row["expression of concern"], row["corrected"]) == ("yes", "yes", "no")
    text = written(tmp_path / "x.md", (TRIAL, marked)).read_text("utf-8")
    assert "1. **RETRACTED.** **EXPRESSION OF CONCERN.** Zinc for the common cold" in text


def test_that_each_document_is_written_once_in_the_order_of_its_best_passage(tmp_path):
    other = make_document(title="Honey for cough", sections=[("", "We gave honey.")], source="b")
    hits = [(other, hit(other, 1, "We gave honey.")), (TRIAL, hit(TRIAL, 2)), (other, hit(other, 3))]
    found = rows(written(tmp_path / "x.csv", *hits))
    assert [(row["rank"], row["title"]) for row in found] == [("1", other.title), ("2", TRIAL.title)]
    assert found[0]["passage"] == "We gave honey."


def test_that_query_and_filters_are_named_and_never_taken_for_a_number_of_the_document(tmp_path):
    plain = make_document(title="No numbers", sections=[("", "Nothing.")], source="b")
    options = {"query": "pmid:12345678 OR\nDO  - 10.1000/other PMC123456", "filters": "years: 2010-"}
    path = written(tmp_path / "x.ris", (plain, hit(plain)), **options)
    (read,) = ris.read(path)
    assert (read.pmid, read.doi, read.pmcid) == (None, None, None)
    for suffix in ("ris", "csv", "md"):
        text = written(tmp_path / f"x.{suffix}", (plain, hit(plain)), **options).read_text("utf-8")
        assert "12345678" in text
        assert "years: 2010-" in text


def test_that_a_document_that_is_gone_is_written_as_far_as_it_is_known(tmp_path):
    results = listed([hit(TRIAL)], lambda ref: None)
    write_results(tmp_path / "x.ris", ResultList("zinc", "none", ("starter",), results))
    (read,) = ris.read(tmp_path / "x.ris")
    assert (read.pmid, read.title, read.text) == ("101", TRIAL.title, "We gave zinc.")


def test_that_a_whole_book_is_not_written_as_an_abstract(tmp_path):
    book = make_document(title="Book", sections=[("", "Some words. " * 5000)], source="b")
    (read,) = ris.read(written(tmp_path / "x.ris", (book, hit(book, quote="Some words."))))
    assert read.text == "Some words."


def test_that_no_cell_is_a_formula_and_no_title_is_markup(tmp_path):
    nasty = replace(TRIAL, title='=HYPERLINK("http://x") <b>*bold*</b>')
    (row,) = rows(written(tmp_path / "x.csv", (nasty, hit(nasty))))
    assert row["title"].startswith("'=")
    text = written(tmp_path / "x.md", (nasty, hit(nasty))).read_text("utf-8")
    assert r"\<b\>\*bold\*\</b\>" in text


def test_that_a_name_that_does_not_say_the_form_or_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(SettingsInvalid, match="does not say what to write"):
        written(tmp_path / "x.docx", (TRIAL, hit(TRIAL)))
    with pytest.raises(StorageFull, match="Cannot write"):
        written(tmp_path / "no" / "such" / "x.ris", (TRIAL, hit(TRIAL)))


@pytest.mark.parametrize("suffix", ["ris", "csv", "md"])
def test_that_what_is_stopped_leaves_the_earlier_file_and_nothing_else(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    path.write_text("old")
    told = []

    def tell(done, total):
        told.append((done, total))
        raise Cancelled

    other = make_document(title="Honey for cough", sections=[("", "We gave honey.")], source="b")
    results = listed([hit(TRIAL), hit(other, 2, "We gave honey.")], lambda ref: None)
    with pytest.raises(Cancelled):
        write_results(path, ResultList("zinc", "none", ("starter",), results), tell)
    assert told == [(1, 2)]
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])


def test_that_filters_are_said_in_words():
    assert in_words(Filters()) == "none"
    chosen = Filters(2010, None, ("A", "B"), minimum_grade="trial", retracted=True)
    assert (
        in_words(chosen)
        == "years: 2010-; journal: A or B; evidence: trial or better; retracted work: included"
    )


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
NUMBERS = st.integers(1, 99_999_999).map(str)
DOIS = st.builds("10.{}/{}".format, st.integers(1000, 99999), st.from_regex(r"[a-z0-9./()_-]{1,20}[a-z0-9]"))


@st.composite
def documents(draw):
    title = draw(WORDS.filter(lambda text: text.strip()))
    try:
        return make_document(
            title=title,
            sections=[("", draw(WORDS))],
            source="x",
            pmid=draw(st.none() | NUMBERS),
            doi=draw(st.none() | DOIS),
            pmcid=draw(st.none() | NUMBERS.map("PMC{}".format)),
            journal=draw(st.just("") | WORDS),
            year=draw(st.none() | st.integers(1900, 2026)),
            retracted=draw(st.booleans()),
        )
    except ValueError:  # nothing visible in it
        return TRIAL


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(found=st.lists(documents(), min_size=1, max_size=4), query=WORDS)
def test_that_ris_gives_back_identifiers_and_titles_of_any_documents(tmp_path, found, query):
    unique = {document.id: document for document in found}
    hits = [(one, hit(one, quote=one.text, retracted=one.retracted)) for one in unique.values()]
    read = list(ris.read(written(tmp_path / "x.ris", *hits, query=query)))
    assert all(isinstance(one, Document) for one in read)
    assert [identity(one) for one in read] == [identity(one) for one in unique.values()]


def identity(document):
    return document.title, document.pmid, document.doi, document.pmcid, document.retracted


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
