"""One written answer against what was expected."""

import pytest

from core.generation.engine import Message
from core.generation.prompts import REFUSAL
from training.data.conversations import Conversation
from training.gate_answers import item_result


def result(answer, answering=(2,), passages=3, decision=""):
    prompt = (Message("user", "Does it help?"),)
    conversation = Conversation(
        prompt, "It helps [2].", "validation", "Does it help?", answering, passages, decision
    )
    return item_result(conversation, 1.0, 3, "yes", answer)


@pytest.mark.parametrize(
    ("answer", "citations", "answering", "invalid"),
    [
        ("It helps [2].", 1, 1, 0),
        ("It helps [1][2].", 2, 1, 0),
        ("It helps [1, 2]. It does [7].", 2, 1, 1),
        ("It helps [2-4].", 2, 1, 1),
        ("It helps.", 0, 0, 0),
        ("", 0, 0, 0),
    ],
)
def test_that_citations_are_counted_by_what_they_name(answer, citations, answering, invalid):
    found = result(answer)
    assert (found.citations, found.answering, found.invalid) == (citations, answering, invalid)


def test_that_a_refusal_is_known_and_what_could_have_been_answered():
    assert result(REFUSAL).refused
    assert not result("It helps [2].").refused
    assert result("It helps.").answerable
    assert not result(REFUSAL, answering=()).answerable
    assert not result("x", answering=(), passages=0).grounded
    assert result("x", answering=(), passages=0).answerable


def test_that_an_answer_that_repeats_itself_is_noticed():
    assert result("It helps [2]. It is new [1]. It helps [1].").repeats
    assert not result("It helps [2]. It is new [1].").repeats


def test_that_only_yes_no_questions_have_a_choice():
    assert result("Yes, it helps.", decision="no").chosen == "yes"
    assert result("It helps.").chosen == ""
