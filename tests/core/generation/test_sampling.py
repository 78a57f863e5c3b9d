"""The refusal is a decision, not a draw."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.generation.sampling import Sampler
from core.settings import SamplingSettings

THE, PASSAGES, VITAMIN, C = range(4)
REFUSAL = (THE, PASSAGES, C, C)


def logits(**likely: float) -> torch.Tensor:
    """Return logits whose softmax gives these shares to the tokens named."""
    names = {"the": THE, "passages": PASSAGES, "vitamin": VITAMIN, "c": C}
    rest = (1 - sum(likely.values())) / (4 - len(likely)) if len(likely) < 4 else 0.0
    shares = torch.full((4,), rest)
    for name, share in likely.items():
        shares[names[name]] = share
    return shares.log()


def sampler(refuse_at: float = 0.5, temperature: float = 0.0, seed: int = 0) -> Sampler:
    settings = SamplingSettings(temperature=temperature, refuse_at=refuse_at, repetition_penalty=1.0)
    return Sampler(settings, seed, REFUSAL)


def test_that_a_refusal_the_model_is_in_doubt_of_is_not_written():
    one = sampler()
    assert one.pick(logits(the=0.8)) == THE
    assert one.pick(logits(passages=0.6, vitamin=0.3)) == VITAMIN  # 0.8 x 0.6 is under a half


def test_that_a_refusal_the_model_is_sure_of_is_written_whatever_is_drawn():
    for seed in range(50):
        one = sampler(temperature=2.0, seed=seed)
        assert (one.pick(logits(the=0.8)), one.pick(logits(passages=0.7))) == (THE, PASSAGES)


def test_that_the_threshold_is_the_users():
    lenient = sampler(refuse_at=0.4)
    assert (lenient.pick(logits(the=0.8)), lenient.pick(logits(passages=0.6))) == (THE, PASSAGES)


@pytest.mark.parametrize("refuse_at", [0.0, 0.5])
def test_that_what_follows_the_beginning_is_drawn_as_ever(refuse_at):
    one = sampler(refuse_at=refuse_at)
    assert one.pick(logits(vitamin=0.6)) == VITAMIN
    assert one.pick(logits(passages=0.6)) == PASSAGES  # not the refusal's: it began otherwise


def test_that_zero_leaves_the_refusal_to_the_drawing():
    one = sampler(refuse_at=0.0)
    assert (one.pick(logits(the=0.4)), one.pick(logits(passages=0.4))) == (THE, PASSAGES)


def test_that_logits_from_inference_are_left_as_they_are():
    one = sampler()
    with torch.inference_mode():
        given = logits(passages=0.4, vitamin=0.3) + 0
    one.pick(logits(the=0.8))
    assert one.pick(given) == VITAMIN
    assert given.argmax() == PASSAGES


@given(first=st.floats(0.3, 0.97), second=st.floats(0.02, 0.96), refuse_at=st.floats(0.05, 0.95))
def test_that_the_refusal_comes_exactly_where_its_likelihood_reaches_the_threshold(first, second, refuse_at):
    one = sampler(refuse_at=refuse_at)
    began = one.pick(logits(the=first)) == THE
    refused = one.pick(logits(passages=second)) == PASSAGES if began else False
    if abs(first * second - refuse_at) > 1e-4:
        assert refused == (first * second >= refuse_at)
