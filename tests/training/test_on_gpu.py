"""What only a graphics card shows: kernels that keep conversations apart, equal runs, and exact resume.

The model and its rows are tiny; runs of a real model were not equal (docs/BENCHMARKS.md).
Skipped without a CUDA card; unsloth, which patches what it finds, is tried in a process of its own.
"""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from itertools import chain

import pytest

from core.cancel import CancelToken
from core.generation.merging import ADAPTER
from core.protocol import TrainingStep
from core.tuning.recipe import LoraChoice, TrainingChoice
from tests.fakes.tiny_models import make_tiny_llama
from tests.training.trials import Trial, tiny_recipe
from training.backend import Wanted
from training.batches import Collator
from training.compute import Compute

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA card")

LENGTHS = ([300, 17, 120], [64])
NEAR = 0.05  # of the largest logit, which bf16 rounds away


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    return make_tiny_llama(tmp_path_factory.mktemp("models") / "llama", width=256)


def leaks(backend, base) -> tuple[float, float]:
    """Return how far the logits of packed rows are from those of each conversation alone, and from those of
    one long conversation, as shares of the largest logit."""
    training = TrainingChoice(gradient_checkpointing=False)
    wanted = Wanted(base, None, "full", LoraChoice(), training, 2048, Compute("cuda", "bf16"))
    loaded = backend.load(wanted)
    assert loaded.flat
    chance = torch.Generator().manual_seed(0)
    pieces = [[torch.randint(97, 122, (n,), generator=chance).tolist() for n in row] for row in LENGTHS]
    rows = [{"input_ids": [*chain(*row)], "seq_lengths": [len(p) for p in row]} for row in pieces]
    each = [{"input_ids": piece} for row in pieces for piece in row]
    together = logits(loaded, rows)
    alone = torch.cat([logits(loaded, [row]) for row in each])
    as_one = logits(loaded, [{"input_ids": [*chain(*(row["input_ids"] for row in rows))]}])
    largest = float(alone.abs().max())
    return tuple(float((together - other).abs().max()) / largest for other in (alone, as_one))


def logits(loaded, rows):
    batch = Collator(0, flat=True)([{**row, "labels": row["input_ids"]} for row in rows])
    batch.pop("labels")
    moved = {name: value.cuda() if hasattr(value, "cuda") else value for name, value in batch.items()}
    with torch.no_grad(), torch.autocast("cuda", torch.bfloat16):
        return loaded.model(**moved, use_cache=False).logits[0].float().cpu()


def test_that_packed_conversations_do_not_see_each_other(llama):
    from training.plain import PlainBackend

    apart, mixed = leaks(PlainBackend(), llama)
    assert apart < NEAR < mixed


@pytest.mark.skipif(importlib.util.find_spec("unsloth") is None, reason="unsloth is not installed")
def test_that_packed_conversations_do_not_see_each_other_with_unsloth(llama, tmp_path):
    code = (
        "import sys; from pathlib import Path; from training.unsloth import UnslothBackend, prepare_import\n"
        "prepare_import(Path(sys.argv[2]), has_gpu=True)\n"
        "from tests.training.test_on_gpu import leaks\n"
        "print('LEAKS', *leaks(UnslothBackend(), Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(llama), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert "LEAKS" in done.stdout, done.stderr[-3000:]
    apart, mixed = map(float, done.stdout.rsplit("LEAKS ", 1)[1].split())
    assert apart < NEAR < mixed


def weights(trial):
    return (trial.run.adapter / ADAPTER).read_bytes()


@pytest.fixture
def recipe(llama):
    return tiny_recipe(llama, evaluations=0, optimiser="paged_adamw_8bit")


def test_that_equal_recipes_give_equal_adapters(tmp_path, recipe):
    recipe = replace(recipe, data=replace(recipe.data, max_length=512))
    trials = [Trial(tmp_path / name, recipe) for name in "ab"]
    for trial in trials:
        list(trial.events())
    assert weights(trials[0]) == weights(trials[1])


def test_that_a_run_resumed_on_the_card_ends_as_one_that_was_not_stopped(tmp_path, recipe):
    whole, cut = Trial(tmp_path / "whole", recipe), Trial(tmp_path / "cut", recipe)
    list(whole.events())
    for event in cut.events():
        if isinstance(event, TrainingStep) and event.step == 3:
            cut.cancel.cancel()
    assert cut.run.info().state == "stopped"
    cut.cancel = CancelToken()
    list(cut.events())
    assert weights(cut) == weights(whole)
