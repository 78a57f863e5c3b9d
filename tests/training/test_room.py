from dataclasses import replace

import pytest

from core.errors import OutOfMemory
from core.tuning.recipe import BaseChoice, DataChoice, LoraChoice, Recipe, TrainingChoice, changed
from training.room import keeps_progress, memory_explained, proposed


def test_that_what_costs_least_is_proposed_first_and_every_proposal_is_a_recipe():
    recipe = Recipe(training=TrainingChoice(batch=4, accumulation=2, gradient_checkpointing=False))
    room = proposed(recipe, has_gpu=True, first=True)
    assert room.changes[0] == {}
    assert room.changes[1] == {"training.batch": 2, "training.accumulation": 4}
    assert room.changes[-1] == {"lora.rank": 8, "lora.alpha": 8}
    assert "1,024 tokens instead of 2,048" in " ".join(room.words)
    assert "4 bits" in " ".join(room.words)
    for change, keeps in zip(room.changes, room.keeps_progress, strict=True):
        assert keeps_progress(recipe, changed(recipe, change)) == keeps


def test_that_a_step_stays_as_large_with_smaller_batches():
    for batch in range(2, 30):
        recipe = Recipe(training=TrainingChoice(batch=batch, accumulation=3))
        made = changed(recipe, proposed(recipe, has_gpu=False).changes[0]).training
        assert made.batch < batch
        assert made.batch * made.accumulation == pytest.approx(batch * 3, rel=0.34)


def test_that_nothing_is_proposed_that_cannot_help():
    least = Recipe(base=BaseChoice(weights="4bit"), lora=LoraChoice(rank=4), data=DataChoice(max_length=512))
    assert proposed(least, has_gpu=True) is None
    quantised = proposed(
        replace(least, base=BaseChoice(), lora=LoraChoice(rank=8)), has_gpu=True, quantised=True
    )
    assert quantised.changes == ({"lora.rank": 4, "lora.alpha": 8},)


def test_that_every_way_to_say_that_memory_ran_out_is_understood_and_nothing_else():
    import torch

    for error, who in (
        (torch.OutOfMemoryError("CUDA out of memory"), "graphics card"),
        (MemoryError(), "computer"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "computer"),
    ):
        with pytest.raises(OutOfMemory, match=who) as failure, memory_explained():
            raise error
        assert failure.value.__cause__ is None
    with pytest.raises(RuntimeError, match="shapes"), memory_explained():
        raise RuntimeError("shapes do not fit")
