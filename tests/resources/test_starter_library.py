"""The starter library: its cards are well formed, ours, and answer the questions shown at first start."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "resources" / "starter_library"


def _load_checker() -> ModuleType:
    path = ROOT / "packaging" / "check_cards.py"
    spec = importlib.util.spec_from_file_location("check_cards", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


check_cards = _load_checker()
CARDS: list[dict[str, Any]] = check_cards.read_cards(check_cards.CARDS)
QUESTIONS: list[dict[str, Any]] = json.loads((LIBRARY / "questions.json").read_text(encoding="utf-8"))


def a_card(**changes: Any) -> dict[str, Any]:
    return {**CARDS[0], **changes}


def what(problems: Any) -> str:
    return "\n".join(str(problem) for problem in problems)


def test_that_the_real_cards_have_no_problem_of_form() -> None:
    assert what(problem for card in CARDS for problem in check_cards.check_card(card)) == ""


def test_that_there_are_at_least_150_cards_of_ten_specialties_and_none_twice() -> None:
    assert what(check_cards.check_library(CARDS)) == ""
    assert len(CARDS) >= 150
    assert len({card["specialty"] for card in CARDS}) >= 10


def test_that_every_card_has_between_80_and_200_words() -> None:
    counts = {card["id"]: len(card["abstract"].split()) for card in CARDS}
    assert {name: count for name, count in counts.items() if not 80 <= count <= 200} == {}


def test_that_every_card_is_in_english_and_under_our_licence() -> None:
    assert {(card["language"], card["licence"]) for card in CARDS} == {("eng", "Apache-2.0")}


def test_that_at_least_five_cards_are_on_the_cdc_opioid_guideline() -> None:
    cdc = [card for card in CARDS if card["pmid"] == "36327391"]
    assert len(cdc) >= 5
    assert {card["summary_of"] for card in cdc} == {"Centers for Disease Control and Prevention"}
    assert all("Practice Guideline" in card["publication_types"] for card in cdc)


def test_that_only_the_cdc_guideline_has_more_than_one_card() -> None:
    pmids = [card["pmid"] for card in CARDS if card["pmid"] not in {None, "36327391"}]
    assert len(pmids) == len(set(pmids))


def test_that_the_source_of_every_card_is_recorded() -> None:
    sources = (LIBRARY / "SOURCES.md").read_text(encoding="utf-8")
    rows = [line for line in sources.splitlines() if line.startswith("| card-")]
    assert [row.split("|")[1].strip() for row in rows] == [card["id"] for card in CARDS]
    assert all((card["pmid"] or card["doi"]) in row for row, card in zip(rows, CARDS, strict=True))


def test_that_every_question_names_cards_which_exist() -> None:
    known = {card["id"] for card in CARDS}
    assert all(set(question["card_ids"]) <= known for question in QUESTIONS)
    texts = [question["question"] for question in QUESTIONS]
    assert len(texts) == len(set(texts))


def test_that_there_are_40_answerable_and_8_unanswerable_questions() -> None:
    answerable = [question for question in QUESTIONS if question["card_ids"]]
    assert len(answerable) >= 40
    assert len(QUESTIONS) - len(answerable) == 8


def test_that_the_three_questions_shown_first_are_of_three_specialties_or_sources() -> None:
    by_id = {card["id"]: card for card in CARDS}
    shown = [by_id[question["card_ids"][0]] for question in QUESTIONS[:3]]
    assert len({card["specialty"] for card in shown}) == 3
    assert sum(card["pmid"] == "36327391" for card in shown) == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"abstract": "too short"}, "summary has 2 words"),
        ({"abstract": "word " * 201}, "summary has 201 words"),
        ({"pmid": "PMC12"}, "not valid"),
        ({"doi": "doi.org/10.1/x"}, "not valid"),
        ({"year": "2022"}, "wrong type"),
        ({"journal": " "}, "journal is empty"),
        ({"mesh": []}, "mesh must be a list"),
        ({"surplus": 1}, "keys differ"),
    ],
)
def test_that_a_badly_formed_card_is_reported(changes: dict[str, Any], complaint: str) -> None:
    assert complaint in what(check_cards.check_card(a_card(**changes)))


def test_that_a_title_used_twice_is_reported() -> None:
    assert "title occurs twice" in what(check_cards.check_library([a_card(), a_card(id="card-999")]))


def test_that_retracted_articles_and_test_items_are_reported(tmp_path: Path) -> None:
    (tmp_path / "retractions").mkdir()
    (tmp_path / "retractions" / "retracted-publications.txt").write_text("! head\nPMID:11,PMCID:PMC1\n")
    (tmp_path / "pubmedqa").mkdir()
    (tmp_path / "pubmedqa" / "test_ground_truth.json").write_text('{"22": "yes"}')
    cards = [a_card(id="a", pmid="11"), a_card(id="b", pmid="22"), a_card(id="c", pmid="33")]
    assert what(check_cards.check_pmids(cards, tmp_path)) == (
        "a: PMID 11 is retracted\nb: PMID 22 is a PubMedQA test item"
    )


COPIED = "one two three four five six seven eight"


@pytest.mark.parametrize("place", ["title", "abstract"])
def test_that_eight_copied_words_are_caught(place: str) -> None:
    card = a_card(**{place: f"Before, {COPIED} after."})
    source = "Something else. One, two (THREE) four-five; six\nseven «eight». And more."
    assert what(check_cards.find_copies([card], [("a made-up source", source)])) == (
        f"{card['id']}: shares with a made-up source: “{COPIED}”"
    )


def test_that_seven_copied_words_are_not() -> None:
    card = a_card(abstract="one two three four five six seven")
    assert what(check_cards.find_copies([card], [("a made-up source", COPIED)])) == ""


def test_that_words_are_counted_without_case_and_punctuation_and_a_decimal_as_one() -> None:
    found = check_cards.words("Patient\u2019s score: 7·6% (P<0.01)")
    assert found == ["patient's", "score", "7.6", "p", "0.01"]


def test_that_line_numbers_of_a_draft_do_not_hide_a_copy() -> None:
    text = check_cards.without_line_numbers("12   one two three four\n\n13   five six seven eight\n")
    assert what(check_cards.find_copies([a_card(abstract=COPIED)], [("draft", text)])) != ""


def test_that_the_command_fails_on_a_bad_card_and_says_what_it_skips(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cards.jsonl"
    path.write_text(json.dumps(a_card(abstract="too short")) + "\n", encoding="utf-8")
    assert check_cards.main(["--cards", str(path), "--shared", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "skipped: comparison with the sources" in told
    assert "summary has 2 words" in told


@pytest.mark.shared
def test_that_no_card_copies_a_source_or_uses_a_forbidden_article(shared: Path) -> None:
    assert what(check_cards.check(CARDS, shared.parent)) == ""
