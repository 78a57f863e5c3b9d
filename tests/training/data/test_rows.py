"""Token rows: exactly what the engine reads and writes, and never more than fits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.generation.chat import Chat
from core.generation.engine import Message
from training.data.conversations import Conversation
from training.data.rows import IGNORED, RowMaker


@pytest.fixture(scope="module")
def tokenizer(tiny_llama):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_llama, local_files_only=True)


def conversation(evidence="[1] Gout is rare.", answer="It is rare [1]."):
    messages = (Message("system", "Answer."), Message("user", f"{evidence}\n\nIs gout rare?"))
    return Conversation(messages, answer, "train", "Is gout rare?")


def test_that_the_prompt_is_the_one_of_the_engine_and_the_loss_is_on_the_answer_and_its_end(tokenizer):
    made = RowMaker(tokenizer, 4096).row(conversation())
    prompt = Chat(tokenizer).prompt_ids(conversation().messages)
    assert made.input_ids[: len(prompt)] == prompt
    assert made.labels[: len(prompt)] == [IGNORED] * len(prompt)
    assert tokenizer.decode(made.input_ids[len(prompt) :]) == "It is rare [1].<|im_end|>"
    assert made.labels[len(prompt) :] == made.input_ids[len(prompt) :]
    assert made.cut == 0


def test_that_too_much_evidence_loses_its_beginning_and_the_question_stays(tokenizer):
    long = conversation(evidence=f"{'far away ' * 300}[1] Gout is rare.")
    made = RowMaker(tokenizer, 400).row(long)
    text = tokenizer.decode(made.input_ids)
    assert len(made.input_ids) <= 400
    assert made.cut > 2000
    assert "[1] Gout is rare.\n\nIs gout rare?" in text
    assert text.endswith("It is rare [1].<|im_end|>")


def test_that_an_answer_that_leaves_no_room_makes_no_row(tokenizer):
    assert RowMaker(tokenizer, 200).row(conversation(answer="long " * 100)) is None


@settings(max_examples=40, deadline=None)
@given(evidence=st.text(max_size=400), answer=st.text(min_size=1, max_size=80), most=st.integers(150, 600))
def test_that_no_row_is_longer_than_allowed_and_every_row_is_trained(tokenizer, evidence, answer, most):
    made = RowMaker(tokenizer, most).row(conversation(evidence, answer))
    if made is not None:
        assert len(made.input_ids) == len(made.labels) <= most
        assert made.trained > 0
