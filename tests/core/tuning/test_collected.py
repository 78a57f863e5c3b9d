"""What is kept to learn from: only when allowed, replaced and deleted one by one, never half a file."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.paths import Home
from core.settings import Settings, write_settings
from core.tuning.collected import CollectedPairs, click, corrected, rated
from core.types import Answer, Chunk, Citation, DocumentRef, LibraryRef, Passage, Scores, Timings, TokenCounts

FIRST = DocumentRef("d1", "101", None, "Vitamin C", "Journal", 2007, ())
SECOND = DocumentRef("d2", None, None, "Insulin", "Journal", 2008, ())


def citation(marker, document, quote, chunk="d1-0"):
    return Citation(marker, 0, document, chunk, quote, 0, len(quote), 0.9, "model")


ANSWER = Answer(
    version=1,
    question="Does vitamin C help?",
    answer="It helps [1]. It is cheap [2].",
    refused=False,
    reason="",
    sentences=(),
    citations=(
        citation(2, SECOND, "It is cheap.", "d2-0"),
        citation(1, FIRST, "It helps."),
        citation(1, FIRST, "It helps."),
    ),
    model="tiny",
    libraries=(LibraryRef("starter", "1"),),
    settings_hash="x",
    seed=0,
    timings=Timings(0, 0, 0),
    tokens=TokenCounts(0, 0),
)


@pytest.fixture
def home(tmp_path):
    write_settings(tmp_path / "settings.toml", Settings(collect=True))
    return Home(tmp_path)


@pytest.fixture
def pairs(home):
    return CollectedPairs(home)


def test_that_nothing_is_written_while_it_is_not_allowed(home, pairs):
    write_settings(home.settings, Settings())
    assert not pairs.keep(rated(ANSWER, good=True))
    assert not pairs.path.exists()
    assert Settings().collect is False


def test_that_a_good_answer_is_kept_with_what_it_cites(pairs):
    assert pairs.keep(rated(ANSWER, good=True))
    (item,) = pairs.all()
    assert (item.kind, item.question, item.answer) == ("good", ANSWER.question, ANSWER.answer)
    assert [(part.document, part.title, part.text) for part in item.evidence] == [
        ("101", "Vitamin C", "It helps."),
        ("d2", "Insulin", "It is cheap."),
    ]


def test_that_the_whole_passage_is_kept_where_it_is_known(pairs):
    chunk = Chunk(1, "d1", 0, 0, 22, "It helps. Of 416 some.")
    made = rated(ANSWER, True, [Passage(chunk, FIRST, Scores(None, None, 1.0))])
    assert made.evidence[0].text == "It helps. Of 416 some."
    assert made.evidence[1].text == "It is cheap."


def test_that_a_bad_answer_is_nothing_to_learn(pairs):
    pairs.keep(rated(ANSWER, good=False))
    (item,) = pairs.all()
    assert (item.answer, item.shown) == ("", ANSWER.answer)


def test_that_a_second_opinion_replaces_the_first(pairs):
    pairs.keep(rated(ANSWER, good=True))
    pairs.keep(corrected(ANSWER, "  It helps a little [1].\n"))
    (item,) = pairs.all()
    assert (item.kind, item.answer, item.shown) == ("corrected", "It helps a little [1].", ANSWER.answer)


def test_that_an_answer_that_cites_nothing_keeps_what_was_closest(pairs):
    bare = replace(ANSWER, citations=(), closest=(citation(1, FIRST, "It may help."),))
    assert corrected(bare, "It may help.").evidence[0].text == "It may help."


def test_that_opening_a_source_twice_counts_once(pairs):
    pairs.keep(click("Does it help?", FIRST, "It helps."))
    pairs.keep(click("Does it help?", FIRST, "It helps."))
    pairs.keep(click("Does it help?", SECOND, "It is cheap."))
    assert [(item.kind, item.evidence[0].document) for item in pairs.all()] == [
        ("click", "101"),
        ("click", "d2"),
    ]


def test_that_one_is_deleted_and_brought_back_in_its_place(pairs):
    for question in ("a", "b", "c"):
        pairs.keep(click(question, FIRST, "It helps."))
    gone = pairs.all()[1]
    pairs.delete([gone.id])
    pairs.delete(["unknown"])
    assert [item.question for item in pairs.all()] == ["a", "c"]
    pairs.restore([gone])
    assert sorted(item.question for item in pairs.all()) == ["a", "b", "c"]


def test_that_all_are_deleted_whether_allowed_or_not(home, pairs):
    pairs.keep(rated(ANSWER, good=True))
    write_settings(home.settings, Settings())
    pairs.delete_all()
    pairs.delete_all()  # also when there is nothing
    assert not pairs.path.exists()


def test_that_lines_of_a_newer_version_or_a_damaged_one_stay_as_they_are(pairs):
    foreign = [b'{"version": 2, "id": "x"}', b"{half a li"]
    pairs.path.write_bytes(b"\n".join(foreign))
    pairs.keep(rated(ANSWER, good=True))
    assert len(pairs.all()) == 1
    pairs.delete([pairs.all()[0].id])
    assert pairs.path.read_bytes().splitlines() == foreign


def test_that_a_failing_disk_leaves_the_old_file(pairs, monkeypatch):
    pairs.keep(rated(ANSWER, good=True))
    before = pairs.path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("gone")))
    with pytest.raises(OSError, match="gone"):
        pairs.keep(click("q", FIRST, "x"))
    assert pairs.path.read_bytes() == before


def test_that_an_export_is_the_same_lines(pairs, tmp_path):
    pairs.keep(rated(ANSWER, good=True))
    pairs.keep(click("q", FIRST, "x"))
    assert pairs.export(tmp_path / "out.jsonl") == 2
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [line["kind"] for line in lines] == ["good", "click"]
    assert {line["version"] for line in lines} == {1}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(), text=st.text())
def test_that_any_words_come_back_as_they_were(pairs, question, text):
    pairs.delete_all()
    pairs.keep(click(question, FIRST, text))
    (item,) = pairs.all()
    assert (item.question, item.evidence[0].text) == (question, text)
