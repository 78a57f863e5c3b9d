"""Word index: any question is plain language, whatever characters it has."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import IndexDamaged
from core.retrieval.lexical import LexicalIndex, content_words

ROWS = [
    (3, "Aspirin and platelets", "Aspirin inhibits cyclooxygenase-1 irreversibly."),
    (9, "Ibuprofen", "Ibuprofen inhibits the enzyme reversibly; headaches improved."),
    (12, "Wound care", "Dressings were changed daily."),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return LexicalIndex.build(tmp_path_factory.mktemp("words"), ROWS)


def test_that_the_chunk_with_the_rarer_words_comes_first(index):
    assert [key for key, _ in index.search("Does aspirin inhibit platelets?", 5)] == [3, 9]


def test_that_words_are_found_in_other_grammatical_forms(index):
    assert [key for key, _ in index.search("headache improving", 5)] == [9]


def test_that_words_of_the_title_count(index):
    assert next(iter(index.search("wound", 5)))[0] == 12


def test_that_a_question_of_glue_words_alone_is_still_a_question(index):
    assert content_words("What is it?") == ["what", "is", "it"]
    assert len(index.search("What is it?", 5)) == 0


@pytest.mark.parametrize(
    "query", ["", "?!", 'aspirin AND NOT "', "text:aspirin^", "((((", "\x00 aspirin", "阿司匹林"]
)
def test_that_no_query_can_break_the_parser(index, query):
    assert len(index.search(query, 5)) <= 5


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.text(max_size=80))
def test_that_arbitrary_text_is_searched_without_error(index, query):
    assert all(score > 0 for _, score in index.search(query, 3))


def test_that_an_opened_index_finds_the_same(index, tmp_path):
    LexicalIndex.build(tmp_path, ROWS)
    assert list(LexicalIndex.load(tmp_path).search("aspirin", 3)) == list(index.search("aspirin", 3))


def test_that_a_missing_or_damaged_index_is_reported(tmp_path):
    with pytest.raises(IndexDamaged):
        LexicalIndex.load(tmp_path / "none")
    LexicalIndex.build(tmp_path, ROWS)
    (tmp_path / "meta.json").write_text("{")
    with pytest.raises(IndexDamaged, match="word index"):
        LexicalIndex.load(tmp_path)


def test_that_an_updated_index_lacks_what_was_removed_and_leaves_its_base_alone(index, tmp_path):
    base, folder = tmp_path / "base", tmp_path / "new"
    base.mkdir()
    folder.mkdir()
    LexicalIndex.build(base, ROWS)
    LexicalIndex.update(folder, base, [3], [(15, "Aspirin again", "Aspirin and bleeding.")])
    assert [key for key, _ in LexicalIndex.load(folder).search("aspirin", 5)] == [15]
    assert LexicalIndex.load(folder).count == 3
    assert list(LexicalIndex.load(base).search("aspirin", 5)) == list(index.search("aspirin", 5))


def test_that_only_the_chunks_that_count_are_found_with_the_scores_they_have_anyway(index):
    found = index.search("enzyme inhibits aspirin wound", 5, np.array([9, 12]))
    assert sorted(found.keys.tolist()) == [9, 12]
    scores = index.search("enzyme inhibits aspirin wound", 5).by_key()
    assert found.by_key() == pytest.approx({9: scores[9], 12: scores[12]})
