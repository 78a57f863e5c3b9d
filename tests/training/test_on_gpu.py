"""What only a graphics card shows: kernels that keep conversations apart, equal runs, and exact resume.

Skipped without a CUDA card. Unsloth patches what it finds, and cuBLAS is settled before CUDA starts, so both
are tried in processes of their own.
"""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from itertools import chain

import pytest

from core.generation.merging import ADAPTER
from core.protocol import Cancel, Resume, RunOpened, RunStateChanged, Train, TrainingStep
from core.tuning.recipe import LoraChoice, TrainingChoice
from core.tuning.runs import Runs
from tests.fakes.tiny_models import make_tiny_llama
from tests.training.processes import Process, make_home, process_recipe, write_pairs
from training.backend import Wanted
from training.batches import Collator
from training.compute import Compute
from training.versions import read_versions

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA card")

LENGTHS = ([300, 17, 120], [64])
NEAR = 0.05  # of the largest logit, which bf16 rounds away
SHAPE = {
    "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
    "num_key_value_heads": 3, "head_dim": 64, "tie_word_embeddings": True, "initializer_range": 0.02,
}  # fmt: skip


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


@pytest.mark.parametrize("held", ["8bit", "4bit"])
def test_that_word_embeddings_of_a_quantised_base_stay_in_main_memory_and_change_nothing(llama, held):
    from training.plain import PlainBackend

    rows = [{"input_ids": [*range(97, 122)]}]
    found, places = [], []
    for alone in (True, False):
        compute, training = Compute("cuda", "bf16"), TrainingChoice(gradient_checkpointing=False)
        wanted = Wanted(llama, None, held, LoraChoice(), training, 2048, compute, alone=alone)
        loaded = PlainBackend().load(wanted)
        places.append(loaded.model.get_input_embeddings().weight.device.type)
        found.append(logits(loaded, rows))
    assert places == ["cpu", "cuda"]
    assert torch.equal(*found)


STEPS = 24  # in fewer, two runs that are not held to it may still be equal


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """With a random model in the shape of the default one: in a tiny one, nothing is added up in parts."""
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("gpu")
    home = make_home(folder, make_tiny_llama(folder / "tiny"))
    model = home.models / "tiny-llama"
    config = LlamaConfig.from_pretrained(model)
    for name, value in SHAPE.items():
        setattr(config, name, value)
    torch.manual_seed(0)
    LlamaForCausalLM(config).save_pretrained(model)
    return home


@pytest.fixture(scope="module")
def recipe(home):
    recipe = process_recipe(
        write_pairs(home.root / "pairs.jsonl", count=64),
        max_steps=STEPS,
        accumulation=2,
        learning_rate=1e-3,
        epochs=20.0,
        evaluations=2,
        optimiser="paged_adamw_8bit",
    )
    return replace(recipe, backend="plain", lora=LoraChoice())


def trained(home, recipe, stop_at=0):
    """Train in a process of its own, stopped after a step and resumed in another one; return the run."""
    told = asked(home, Train(recipe), stop_at)
    run = Runs(home.runs).get(next(event.run for event in told if isinstance(event, RunOpened)))
    if stop_at:
        assert run.info().state == "stopped"
        asked(home, Resume(run.id))
    assert run.adapter.is_dir(), run.info().message
    return run


def asked(home, request, stop_at=0):
    """Return what a process tells, until the adapter is trained; comparing it is of no interest here."""
    told = []
    with Process(home) as training:
        for event in training.ask(request):
            told.append(event)
            at = isinstance(event, TrainingStep) and event.step == stop_at
            if at or (isinstance(event, RunStateChanged) and event.state == "trained"):
                training.tell(Cancel())
    return told


def weights(run):
    return (run.adapter / ADAPTER).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("held", ["full", "8bit", "4bit"])
def test_that_equal_recipes_give_equal_adapters_and_stopping_changes_nothing(home, recipe, held):
    recipe = replace(recipe, base=replace(recipe.base, weights=held))
    one, two, cut = (trained(home, recipe, stop_at) for stop_at in (0, 0, STEPS // 2))
    assert weights(one) == weights(two)
    assert weights(one) == weights(cut)
    assert {read_versions(run).repeatable for run in (one, two, cut)} == {"yes"}
    assert "\nRepeatable: " in one.card.read_text("utf-8")


@pytest.mark.slow
def test_that_a_run_on_the_card_that_is_not_held_to_it_is_not_called_repeatable(home, recipe):
    run = trained(home, replace(recipe, training=replace(recipe.training, repeatable=False, max_steps=2)))
    assert read_versions(run).repeatable == "off"
