"""What must never be trained on: items of test sets, and what was there before."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataUnusable
from core.paths import Home, resources
from core.tuning.pairs import Evidence, Pair
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source
from tests.conftest import ROOT
from training.data.cleaning import clean
from training.data.near import NEAR, NearIndex, similarity, words_of
from training.data.test_sets import KnownTestSet, item, known_test_sets

EXAM = KnownTestSet("Exam", (item("Does green tea lower blood pressure in adults?", "41"),))
COFFEE = (Evidence("", "7", (("", "Coffee."),)),)
TEA = Pair("Is coffee good?", "Yes, it is.", COFFEE, source="a.csv", record=1)
ASKED_AGAIN = [
    "Does green tea lower blood pressure in adults?",
    "does GREEN tea lower the blood pressures of adults",
    "In adults, could green tea lower blood pressure?",
    "Does green tea lower the blood pressure of healthy adults?",
]
NOT_THE_SAME = [
    "Does black coffee lower blood pressure in adults?",
    "Is green tea safe?",
    "Tea?",
    "",
]
VOCABULARY = "tea coffee blood pressure heart liver drug dose trial child"
QUESTIONS = st.lists(st.sampled_from(VOCABULARY.split())).map(" ".join)


def home_with(tmp_path, **files: str) -> Home:
    (tmp_path / "test_sets").mkdir()
    for name, content in files.items():
        (tmp_path / "test_sets" / f"{name}.json").write_text(content, "utf-8")
    return Home(tmp_path)


@pytest.mark.parametrize("question", ASKED_AGAIN)
def test_that_a_question_of_a_test_set_is_a_leak_in_other_words_too(question):
    found = clean([replace(TEA, question=question)], [EXAM])
    assert found.kept == ()
    assert [(leak.test_set, leak.by, leak.record) for leak in found.leaks] == [("Exam", "question", 1)]


@pytest.mark.parametrize("question", NOT_THE_SAME)
def test_that_another_question_is_none(question):
    assert clean([replace(TEA, question=question)], [EXAM]).leaks == ()


def test_that_a_document_of_a_test_set_is_a_leak_whatever_is_asked_on_it():
    both = (Evidence("", "7", (("", "A."),)), Evidence("", "41", (("", "B."),)))
    (leak,) = clean([replace(TEA, evidence=both)], [EXAM]).leaks
    assert (leak.file, leak.by) == ("a.csv", "document")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"question": "is  COFFEE good", "answer": "yes it is"},
        {"question": "Would coffee be good?"},
    ],
)
def test_that_what_was_there_before_is_a_duplicate(changes):
    found = clean([TEA, replace(TEA, **changes, source="b.csv", record=9)], [])
    assert found.kept == (0,)
    (duplicate,) = found.duplicates
    assert (duplicate.file, duplicate.record) == ("b.csv", 9)
    assert (duplicate.first_file, duplicate.first_record) == ("a.csv", 1)


@pytest.mark.parametrize(
    ("question", "other"),
    [
        (
            "Do 2 cups a day help hearts of healthy older men?",
            "Do 3 cups a day help hearts of healthy older men?",
        ),
        ("Is coffee good for the heart of adults?", "Is coffee not good for the heart of adults?"),
    ],
)
def test_that_another_number_or_a_negation_makes_another_question(question, other):
    assert clean([replace(TEA, question=question), replace(TEA, question=other)], []).duplicates == ()


@pytest.mark.parametrize(
    "changes", [{"answer": "Nobody knows that."}, {"decision": "no"}, {"choices": ("a", "b")}]
)
def test_that_another_answer_is_no_duplicate(changes):
    assert clean([TEA, replace(TEA, **changes)], []).kept == (0, 1)


@given(st.lists(QUESTIONS, max_size=12), QUESTIONS)
def test_that_the_index_finds_exactly_what_comparing_with_all_would(questions, asked):
    sets = [words_of(question) for question in questions]
    wanted = words_of(asked)
    near = [n for n, words in enumerate(sets) if similarity(wanted, words) >= NEAR and len(wanted) >= 2]
    assert list(NearIndex(sets).near(wanted)) == near


@given(st.lists(QUESTIONS, max_size=8))
def test_that_every_pair_is_kept_or_named_once_and_a_second_cleaning_changes_nothing(questions):
    pairs = [replace(TEA, question=question, record=n) for n, question in enumerate(questions)]
    found = clean(pairs, [EXAM])
    gone = [one.record for one in (*found.leaks, *found.duplicates)]
    assert sorted([*found.kept, *gone]) == list(range(len(pairs)))
    assert len(clean([pairs[n] for n in found.kept], [EXAM]).kept) == len(found.kept)


def test_that_users_add_test_sets_as_files_of_questions(tmp_path):
    home = home_with(tmp_path, mine=json.dumps({"question": "Is coffee good for hearts?", "answer": "So."}))
    assert [one.name for one in known_test_sets(home)][-1] == "mine"
    asked = replace(TEA, question="Would coffee be good for the heart?")
    assert [leak.test_set for leak in clean([asked], known_test_sets(home)).leaks] == ["mine"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"vademecum_test_set":1,"items":[', "is damaged"),
        ('{"vademecum_test_set":9,"name":"x","items":[]}', "newer version"),
        ('{"question": "Why?"}', "holds no question"),
        ("", "is empty"),
    ],
)
def test_that_a_test_set_that_cannot_be_read_stops_everything(tmp_path, content, reason):
    with pytest.raises(DataUnusable, match=reason):
        known_test_sets(home_with(tmp_path, mine=content))


def test_that_the_shipped_test_sets_hold_no_words(tmp_path):
    sets = {one.name: one for one in known_test_sets(Home(tmp_path))}
    assert len(sets["PubMedQA test"].items) == 500
    assert len(sets["SciFact test"].items) == 300
    for one in sets.values():
        assert all(
            set(part.words) <= set("0123456789abcdef") and len(part.words) % 8 == 0 for part in one.items
        )


@pytest.mark.shared
def test_that_the_shipped_test_sets_are_those_of_the_shared_data(shared):
    made = runpy.run_path(str(ROOT / "packaging" / "make_test_sets.py"))["made"](shared.parent)
    assert made == {path.name: path.read_bytes() for path in (resources() / "test_sets").glob("*.json")}


@pytest.mark.shared
def test_that_all_500_test_items_of_pubmedqa_are_leaks_and_nothing_else_of_it(shared, tmp_path):
    pairs = [*read_pairs(Source(str(shared / "pubmedqa" / "ori_pqal.json")), Home(tmp_path))]
    test = json.loads((shared / "pubmedqa" / "test_ground_truth.json").read_text("utf-8"))
    found = clean(pairs, known_test_sets(Home(tmp_path)))
    assert {pairs[place].id for place in found.kept} == {pair.id for pair in pairs} - test.keys()
    assert len(found.leaks) == len(test) == 500
    without = [replace(pair, evidence=()) for pair in pairs]  # by their questions alone
    assert len(clean(without, known_test_sets(Home(tmp_path))).leaks) == 500
