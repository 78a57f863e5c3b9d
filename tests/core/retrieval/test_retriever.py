"""Searching: several libraries, exact queries, retractions, facets, the reranker."""

from dataclasses import replace

import numpy as np
import pytest

from core.library.retractions import Retractions
from core.retrieval.counting import count
from core.retrieval.retriever import Retriever, search_result
from core.settings import RetrievalSettings
from core.types import NO_FILTERS, Filters
from tests.fakes.hash_embedder import HashEmbedder

SETTINGS = RetrievalSettings()
ASTHMA = {
    "pmid": "1",
    "title": "Inhaled steroids in asthma",
    "abstract": "Children with asthma inhaled steroids.",
    "journal": "The Lancet",
    "year": 2015,
    "publication_types": ["Randomized Controlled Trial"],
    "mesh": ["Asthma"],
}
GUIDELINE = {
    "pmid": "2",
    "title": "Asthma guideline",
    "abstract": "Adults with asthma are treated in steps.",
    "journal": "BMJ",
    "year": 2020,
    "publication_types": ["Practice Guideline"],
}
WITHDRAWN = {
    "pmid": "3",
    "title": "A drug for asthma",
    "abstract": "The drug cured asthma.",
    "year": 2018,
    "publication_types": ["Retracted Publication", "Clinical Trial"],
}
HEART = {
    "pmid": "4",
    "doi": "10.1000/heart",
    "title": "Heart failure",
    "abstract": "Heart failure in adults.",
}


@pytest.fixture(scope="module")
def library(make_library):
    return make_library([ASTHMA, GUIDELINE, WITHDRAWN, HEART])


@pytest.fixture
def retriever(library):
    return Retriever([library], HashEmbedder)


def pmids(result):
    return [hit.document.pmid for hit in result.hits]


def test_that_retracted_publications_are_left_out_unless_asked_for(retriever):
    assert "3" not in pmids(search_result(retriever, "a drug for asthma", SETTINGS, 10))
    found = search_result(retriever, "a drug for asthma", SETTINGS, 10, Filters(retracted=True))
    assert pmids(found)[0] == "3"
    assert found.hits[0].document.retracted


@pytest.mark.parametrize("listed", [Retractions(pmids={"4"}), Retractions(dois={"10.1000/heart"})])
def test_that_a_publication_on_a_list_is_retracted_although_its_record_does_not_say_so(make_library, listed):
    retriever = Retriever([make_library([ASTHMA, HEART], retractions=listed)], HashEmbedder)
    assert pmids(search_result(retriever, "heart failure", SETTINGS, 10)) == ["1"]
    found = search_result(retriever, "heart failure", SETTINGS, 10, Filters(retracted=True))
    assert (found.hits[0].document.pmid, found.hits[0].document.retracted) == ("4", True)
    assert search_result(retriever, '"heart failure"', SETTINGS, 10).matched == 0


def test_that_an_exact_query_is_met_exactly_and_ranked_by_its_words(retriever):
    found = search_result(retriever, "title:asthma AND NOT children", SETTINGS, 10)
    assert (found.matched, found.understood) == (1, "title:asthma AND NOT children")
    assert pmids(found) == ["2"]
    assert found.hits[0].scores.lexical is not None


def test_that_a_query_without_words_lists_the_newest_first(retriever):
    found = search_result(retriever, "year:2000-", SETTINGS, 10, Filters(retracted=True))
    assert (pmids(found), found.matched) == (["2", "3", "1"], 3)
    assert pmids(search_result(retriever, "year:2000-", SETTINGS, 1, offset=1)) == ["1"]


def test_that_a_page_of_a_list_is_read_without_those_before_it(retriever, library, monkeypatch):
    whole = pmids(search_result(retriever, "year:2000-", SETTINGS, 10, Filters(retracted=True)))
    asked, with_numbers = [], library.store.with_numbers
    monkeypatch.setattr(library.store, "with_numbers", lambda n: (asked.append(len(n)), with_numbers(n))[1])
    pages = [
        pmids(search_result(retriever, "year:2000-", SETTINGS, 1, Filters(retracted=True), offset=at))
        for at in range(3)
    ]
    assert [pmid for page in pages for pmid in page] == whole
    assert max(asked) == 1


def test_that_pages_of_two_libraries_are_in_one_order(library, make_library):
    other = make_library(
        [replaced(HEART, pmid="5", year=2019), replaced(GUIDELINE, pmid="6", year=2014)], "other"
    )
    retriever = Retriever([library, other], HashEmbedder)
    pages = [pmids(search_result(retriever, "year:2000-", SETTINGS, 2, offset=at)) for at in (0, 2, 4)]
    assert pages == [["2", "5"], ["1", "6"], []]


def test_that_plain_language_is_a_matter_of_degree(retriever):
    found = search_result(retriever, "asthma", SETTINGS, 10)
    assert (found.matched, found.understood) == (None, "")
    assert len(found.hits) == 3


def test_that_two_libraries_are_searched_as_one_and_every_hit_names_its_own(library, make_library):
    other = make_library([replaced(HEART, pmid="5", title="Failing hearts"), GUIDELINE], "other")
    retriever = Retriever([library, other], HashEmbedder)
    found = search_result(retriever, "heart failure", SETTINGS, 10)
    assert {(hit.document.library, hit.document.pmid) for hit in found.hits[:2]} == {
        ("test", "4"),
        ("other", "5"),
    }
    assert found.searched == 6
    everything = search_result(retriever, "asthma in adults", SETTINGS, 10)
    assert sorted(pmids(everything)) == ["1", "2", "4", "5"]
    exact = search_result(retriever, "type:guideline", SETTINGS, 10)
    assert (exact.matched, [hit.document.library for hit in exact.hits]) == (2, ["test"])
    newest = search_result(retriever, "year:2020", SETTINGS, 10)
    assert [hit.document.library for hit in newest.hits] == ["test"]


def replaced(record, **changes):
    return {**record, **changes}


def test_that_facets_count_the_documents_of_all_libraries(library, make_library):
    other = make_library([replaced(ASTHMA, pmid="9", title="Another trial of inhaled steroids")], "other")
    facets = Retriever([library, other], HashEmbedder).facets()
    assert dict(facets.journals) == {"The Lancet": 2, "BMJ": 1}
    assert dict(facets.subjects) == {"Asthma": 2}
    assert facets.years == (2015, 2020)


def test_that_counting_tells_the_number_and_the_newest(retriever):
    counted = count("how many trials of asthma since 2010?", retriever, SETTINGS, NO_FILTERS)
    assert (counted.total, counted.query) == (1, "type:trial AND asthma AND year:>=2010")
    assert [ref.pmid for ref in counted.documents] == ["1"]
    assert count("how many trials of asthma?", retriever, SETTINGS, Filters(retracted=True)).total == 2
    assert count("how many papers in BMJ?", retriever, SETTINGS, NO_FILTERS).total == 1


class Backwards:
    """Prefers the passages that a search would put last."""

    def score(self, query, texts):
        return np.array([-text.lower().count("asthma") for text in texts], np.float32)


def test_that_a_reranker_orders_the_best_candidates_and_no_others(library):
    retriever = Retriever([library], HashEmbedder, Backwards)
    found = search_result(retriever, "asthma", SETTINGS, 10)
    assert pmids(found)[0] == "4"
    assert [hit.scores.rerank for hit in found.hits] == sorted(
        (hit.scores.rerank for hit in found.hits), reverse=True
    )
    plain = pmids(search_result(Retriever([library], HashEmbedder), "asthma", SETTINGS, 10))
    first_only = search_result(retriever, "asthma", replace(SETTINGS, rerank_candidates=1), 10)
    assert pmids(first_only) == plain
    assert [hit.scores.rerank is None for hit in first_only.hits] == [False, True, True]


@pytest.mark.parametrize("mode", ["dense", "lexical"])
def test_that_a_search_by_one_side_alone_has_the_scores_of_that_side(retriever, mode):
    hit = search_result(retriever, "heart failure", replace(SETTINGS, mode=mode), 1).hits[0]
    assert hit.document.pmid == "4"
    assert (hit.scores.dense is None, hit.scores.lexical is None) == (mode == "lexical", mode == "dense")
