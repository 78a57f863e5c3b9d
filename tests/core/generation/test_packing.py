"""Packing: everything fits; the oldest turn gives way, then the last passage, never the question."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QuestionRejected
from core.generation.packing import Packer, checked_question
from core.settings import RetrievalSettings, SamplingSettings, Settings
from core.types import Chunk, DocumentRef, Passage, Scores, Turn


class WordEngine:
    """Counts words as tokens; only what packing asks of an engine."""

    def __init__(self, context: int) -> None:
        self.context = context
        self.name = "words"

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def prompt_tokens(self, messages) -> int:
        return sum(3 + self.count_tokens(message.content) for message in messages)


def passage(number: int, sentences: int = 5) -> Passage:
    text = " ".join(f"Passage {number} says thing {i} of many things." for i in range(sentences))
    ref = DocumentRef(f"{number}", None, None, f"Study {number}", "", None, ())
    return Passage(Chunk(number, ref.id, 0, 0, len(text), text), ref, Scores(0.9, 1.0, 1.0))


def packer(context: int, answer: int = 50, evidence: int = 200) -> Packer:
    values = Settings(
        sampling=SamplingSettings(max_new_tokens=answer),
        retrieval=RetrievalSettings(evidence_tokens=evidence),
    )
    return Packer(WordEngine(context), values)


PASSAGES = [passage(number) for number in range(1, 6)]
TURNS = [Turn(f"Earlier question {i}?", f"Earlier answer {i} [1]. " * 20) for i in range(6)]


def test_that_passages_are_numbered_by_rank_and_the_best_stands_next_to_the_question():
    packed = packer(2000, evidence=1000).pack("What heals?", PASSAGES, [])
    body = packed.messages[-1].content
    places = [body.index(f"[{n}] Study {n}") for n in range(1, 6)]
    assert places == sorted(places, reverse=True)
    assert body.endswith("What heals?")


def test_that_the_last_passages_give_way_to_the_evidence_budget():
    packed = packer(2000, evidence=100).pack("What heals?", PASSAGES, [])
    assert [p.document.title for p in packed.passages] == ["Study 1", "Study 2"]
    assert packed.dropped_passages == 3


def test_that_the_oldest_turns_give_way_first():
    packed = packer(512).pack("What heals?", PASSAGES, TURNS)
    text = " ".join(message.content for message in packed.messages)
    assert 0 < packed.dropped_turns < len(TURNS)
    assert "Earlier question 5?" in text
    assert "Earlier question 0?" not in text
    assert len(packed.passages) == len(packer(512).pack("What heals?", PASSAGES, []).passages)


def test_that_markers_of_earlier_answers_are_not_shown_again():
    packed = packer(2000).pack("What heals?", PASSAGES, TURNS[:1])
    assert "[1]" not in packed.messages[2].content


def test_that_the_best_passage_is_cut_to_whole_sentences_rather_than_left_out():
    packed = packer(2000, evidence=64).pack("What heals?", [passage(1, 40)], [])
    (only,) = packed.passages
    assert only.chunk.text.endswith("many things.")
    assert passage(1, 40).chunk.text.startswith(only.chunk.text)
    assert only.chunk.end == len(only.chunk.text) < passage(1, 40).chunk.end


@pytest.mark.parametrize("question", ["word " * 3000, "why not " * 200])
def test_that_a_question_too_long_for_the_model_is_refused_in_words(question):
    with pytest.raises(QuestionRejected, match=r"too long: about [\d,]+ tokens") as caught:
        packer(512).pack(question, PASSAGES, [])
    assert caught.value.hint


@pytest.mark.parametrize("question", ["", "  \n", "?!", "\x00\x07", "\u202e"])
def test_that_no_question_is_refused(question):
    with pytest.raises(QuestionRejected, match="no question"):
        checked_question(question, 4096)


def test_that_questions_in_other_scripts_are_questions():
    assert checked_question(" ¿Qué cura? 什么 \x00", 4096) == "¿Qué cura? 什么"


@settings(max_examples=60, deadline=None)
@given(
    words=st.integers(1, 120),
    passages=st.lists(st.integers(1, 30), max_size=6),
    turns=st.integers(0, 6),
    context=st.integers(300, 1500),
)
def test_that_a_prompt_always_leaves_room_for_the_answer(words, passages, turns, context):
    question = " ".join(["why"] * words)
    evidence = [passage(number, sentences) for number, sentences in enumerate(passages, start=1)]
    packed = packer(context).pack(question, evidence, TURNS[:turns])
    assert packed.tokens <= context - 50
    assert question in packed.messages[-1].content
    assert bool(packed.passages) == bool(evidence)
