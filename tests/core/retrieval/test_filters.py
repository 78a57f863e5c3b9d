"""Filters against looking at every document, on both ways that a search can take."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.library.grades import grade_of
from core.retrieval import library as library_module
from core.retrieval import retriever as retriever_module
from core.retrieval.filters import condition
from core.retrieval.retriever import Retriever, search_result
from core.settings import RetrievalSettings
from core.types import Filters
from tests.fakes.hash_embedder import HashEmbedder

JOURNALS = ["The Lancet", "Lancet Oncology", "BMJ", ""]
TYPES = [
    ["Randomized Controlled Trial", "Journal Article"],
    ["Review"],
    ["Systematic Review", "Review"],
    ["Preprint", "Randomized Controlled Trial"],
    ["Practice Guideline"],
    ["Journal Article"],
    [],
]
SUBJECTS = ["Asthma", "Child, Preschool", "Aspirin"]
LANGUAGES = ["eng", "ger", ""]
WORDS = ["asthma", "aspirin", "children", "dose", "trial", "heart", "wound", "insulin", "nurse", "fever"]


def records():
    draw = random.Random(5)
    return [
        {
            "id": f"d{i}",
            "pmid": str(1000 + i),
            "title": f"Record {i} on {draw.choice(WORDS)}",
            "abstract": " ".join(draw.choices(WORDS, k=12)) + ".",
            "journal": draw.choice(JOURNALS),
            "year": draw.choice([None, 1999, 2010, 2015, 2020]),
            "publication_types": draw.choice(TYPES) + (["Retracted Publication"] if i % 11 == 0 else []),
            "mesh": draw.sample(SUBJECTS, draw.randint(0, 2)),
            "language": draw.choice(LANGUAGES),
        }
        for i in range(120)
    ]


@pytest.fixture(scope="module")
def library(make_library):
    return make_library(records())


def passes(document, filters):
    """Look at one document, as slowly and plainly as can be."""

    def among(values, allowed):
        return not allowed or any(v.lower() == a.lower() for v in values for a in allowed)

    years = (filters.year_from or 0) <= (document.year or -1) <= (filters.year_to or 9999)
    if (filters.year_from or filters.year_to) and not years:
        return False
    grade = grade_of(document.publication_types)
    order = ("guideline", "systematic review", "randomised trial", "trial", "observational study", "review")
    order += ("case report", "letter", "preprint")
    if filters.minimum_grade and (grade is None or order.index(grade) > order.index(filters.minimum_grade)):
        return False
    return (
        among([document.journal], filters.journals)
        and among(document.publication_types, filters.publication_types)
        and among((*document.mesh, *document.keywords), filters.subjects)
        and among([document.language], filters.languages)
        and (filters.retracted or not document.retracted)
    )


def some(values):
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


FILTERS = st.builds(
    Filters,
    year_from=st.sampled_from([None, 2000, 2010]),
    year_to=st.sampled_from([None, 2010, 2016]),
    journals=some(["the lancet", "BMJ"]),
    publication_types=some(["review", "Randomized Controlled Trial"]),
    minimum_grade=st.sampled_from([None, None, "guideline", "randomised trial", "review", "preprint"]),
    subjects=some(["asthma", "child, preschool"]),
    languages=some(["ENG", "ger"]),
    retracted=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(filters=FILTERS)
def test_that_exactly_the_documents_that_pass_are_let_through(library, filters):
    documents = dict(library.store.numbered())
    expected = [number for number, document in documents.items() if passes(document, filters)]
    assert library.numbers(condition(filters), filters.retracted).tolist() == expected


@settings(max_examples=40, deadline=None)
@given(filters=FILTERS, few=st.sampled_from([0, 20_000]), query=st.sampled_from(["asthma dose", "fever"]))
def test_that_a_search_ranks_exactly_what_passes_whichever_way_it_takes(library, filters, few, query):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library_module, "_FEW_DOCUMENTS", few)
        library._selections.clear()
        retriever = Retriever([library], HashEmbedder)
        found = retriever.search(query, RetrievalSettings(candidates=500), 200, filters)
    documents = [document for _, document in library.store.numbered()]
    assert {p.document.id for p in found} == {d.id for d in documents if passes(d, filters)}
    plain = retriever.search(query, RetrievalSettings(candidates=500), 200, Filters(retracted=True))
    dense = {p.chunk.key: p.scores.dense for p in plain}
    assert [p.scores.dense for p in found] == pytest.approx([dense[p.chunk.key] for p in found], abs=1e-6)


def test_that_few_that_pass_are_found_although_many_do_not(library):
    """Ten candidates would not do: what passes has to be looked for further down."""
    filters = Filters(minimum_grade="guideline", year_from=2015)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library_module, "_FEW_DOCUMENTS", 0)
        library._selections.clear()
        found = Retriever([library], HashEmbedder).search(
            "asthma", RetrievalSettings(candidates=10), 10, filters
        )
    documents = [document for _, document in library.store.numbered() if passes(document, filters)]
    assert len(documents) >= 3
    assert {p.document.id for p in found} == {document.id for document in documents}


def test_that_pages_of_a_result_follow_each_other(library):
    retriever, options = Retriever([library], HashEmbedder), RetrievalSettings()
    whole = search_result(retriever, "asthma dose", options, 40).hits
    parts = [search_result(retriever, "asthma dose", options, 10, offset=at).hits for at in (0, 10, 20, 30)]
    assert [hit.document.id for part in parts for hit in part] == [hit.document.id for hit in whole]
    assert [hit.rank for part in parts for hit in part] == list(range(1, 41))


@pytest.mark.parametrize("filters", [Filters(), Filters(year_from=2010)])
def test_that_searching_both_indexes_at_once_finds_the_same(library, monkeypatch, filters):
    retriever, options = Retriever([library], HashEmbedder), RetrievalSettings()
    one_by_one = retriever.search("asthma dose", options, 30, filters)
    monkeypatch.setattr(retriever_module, "_LARGE", 0)
    monkeypatch.setattr(library_module, "_FEW_DOCUMENTS", 0)
    library._selections.clear()
    at_once = retriever.search("asthma dose", options, 30, filters)
    assert [p.chunk.id for p in at_once] == [p.chunk.id for p in one_by_one]
