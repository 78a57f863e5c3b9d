"""Prompts in a batch, on a real tiny Llama: what comes out is what comes out of one at a time."""

import pytest

from core.cancel import Cancelled, CancelToken
from core.generation.batched import Batch, first_differing
from core.generation.engine import Message
from core.generation.transformers_engine import BLOCK, TransformersEngine
from core.settings import ModelSettings, SamplingSettings

GREEDY = SamplingSettings(temperature=0, max_new_tokens=24)
PROMPTS = [
    [Message("user", text)] for text in ("Hello.", "Is " + "a long question " * 30 + "read?", "And now?")
]


@pytest.fixture(scope="module")
def engine(tiny_llama):
    # in 16 bits the order of sums can decide between two tokens of random weights
    return TransformersEngine.load(tiny_llama, ModelSettings(precision="float32"), CancelToken())


@pytest.mark.parametrize("sampling", [GREEDY, SamplingSettings(temperature=1, max_new_tokens=24)])
def test_that_texts_are_those_of_the_stream(engine, sampling):
    texts = Batch(engine).write(PROMPTS, sampling, 3, CancelToken())
    alone = ["".join(engine.stream(prompt, sampling, 3, CancelToken())) for prompt in PROMPTS]
    assert texts == alone
    assert len(set(texts)) > 1


def test_that_a_decision_does_not_depend_on_its_neighbours(engine):
    words = ("yes", "no", "maybe")
    batch = Batch(engine)
    together = batch.likeliest(PROMPTS, words)
    assert together == [batch.likeliest([prompt], words)[0] for prompt in PROMPTS]
    assert set(together) <= set(words)


def test_that_the_decision_is_the_word_that_the_model_finds_likeliest(engine):
    import torch

    words = ("yes", "no", "maybe")
    lead, tokens = first_differing(engine.loaded.tokenizer, words)
    ids = Batch(engine)._chat.prompt_ids(PROMPTS[0]) + lead
    with torch.inference_mode():
        logits = engine.loaded.model(torch.tensor([ids])).logits[0, -1]
    assert Batch(engine).likeliest(PROMPTS[:1], words) == [words[int(logits[tokens].argmax())]]


def test_that_deciding_on_the_prompt_that_was_answered_reads_little_of_it_again(engine, monkeypatch):
    prompt = [Message("user", "Is it so? " + "All of it was seen. " * 40)]
    "".join(engine.stream(prompt, SamplingSettings(max_new_tokens=3), 1, CancelToken()))
    read, step = [], engine._step
    monkeypatch.setattr(engine, "_step", lambda tokens: (read.extend(tokens), step(tokens))[1])
    Batch(engine).likeliest([prompt], ("yes", "no"))
    assert 0 < len(read) <= BLOCK < engine.prompt_tokens(prompt)


def test_that_words_are_told_apart_where_they_first_differ():
    class Letters:
        def __call__(self, text, add_special_tokens):
            return {"input_ids": [ord(letter) for letter in f" {text}"]}

    assert first_differing(Letters(), ("yes", "no")) == ([ord(" ")], [ord("Y"), ord("N")])


def test_that_a_cancel_stops_the_batch(engine):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        Batch(engine).write(PROMPTS, GREEDY, 0, cancel)
