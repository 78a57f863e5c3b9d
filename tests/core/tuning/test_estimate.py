import json
import shutil
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ModelUnusable
from core.hardware import GIB, Gpu, Hardware
from core.registry import inspect_model
from core.tuning.estimate import (
    fit,
    memory_of,
    offloads,
    preset,
    quick,
    rows_at_once,
    seconds_for,
    standard,
    steps_of,
    thorough,
    warmup_of,
)
from core.tuning.recipe import PROJECTIONS, BaseChoice, DataChoice, Recipe, TrainingChoice, recipe_toml
from core.tuning.shape import shape_of

CPU = Hardware("3.11", "Linux", 8, 64 * GIB, 60 * GIB, 500 * GIB)
LLAMA_8B = {
    "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 128256,
}  # fmt: skip


@pytest.fixture
def large(tmp_path, tiny_llama):
    folder = tmp_path / "large"
    shutil.copytree(tiny_llama, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **LLAMA_8B, "tie_word_embeddings": False}))
    return inspect_model(folder)


trainings = st.builds(
    TrainingChoice,
    batch=st.integers(1, 9),
    accumulation=st.integers(1, 9),
    epochs=st.floats(0.1, 5.0),
    max_steps=st.integers(0, 40),
    warmup_steps=st.integers(0, 50),
)


@given(rows=st.integers(0, 500), training=trainings, processes=st.integers(1, 4))
def test_that_steps_grow_with_rows_and_stay_within_their_bounds(rows, training, processes):
    steps = steps_of(rows, training, processes)
    assert (steps == 0) == (rows == 0)
    assert steps <= steps_of(rows + 1, training, processes)
    assert steps <= steps_of(rows, training)
    if training.max_steps:
        assert steps <= training.max_steps
    assert 0 <= warmup_of(steps, training) <= max(steps // 10, training.warmup_steps * (steps >= 100))


def test_that_steps_of_a_known_run_are_exact():
    assert steps_of(479 * 16, TrainingChoice(batch=4, accumulation=4)) == 479
    assert steps_of(33, TrainingChoice(accumulation=8)) == 5
    assert steps_of(33, TrainingChoice(accumulation=8, epochs=1.5)) == 8
    assert warmup_of(30, TrainingChoice()) == 3
    assert warmup_of(100, TrainingChoice()) == 10


def test_that_parameters_are_counted_as_they_are(tiny_llama):
    info = inspect_model(tiny_llama)
    shape = shape_of(info)
    norms = (2 * shape.layers + 1) * shape.hidden
    assert shape.parameters + norms == info.parameters


def test_that_an_adapter_is_counted_as_it_is(large):
    assert shape_of(large).parameters == pytest.approx(8.03e9, rel=0.001)
    assert shape_of(large).adapter(PROJECTIONS, 16) == 41_943_040  # as peft says of Llama-3.1-8B


def test_that_qlora_of_eight_billion_takes_what_was_measured(large):
    """Between what torchtune publishes (7.4 GiB) and plain peft with all logits in memory (13.4 GB)."""
    recipe = Recipe(base=BaseChoice(weights="4bit"))
    assert 6e9 < memory_of(large, "4bit", recipe, "cuda") < 12e9


@pytest.mark.parametrize(("rows", "measured"), [(4, 7.42e9), (2, 6.30e9)])
def test_that_what_waits_in_main_memory_is_not_counted(large, rows, measured):
    """On an H100, see docs/BENCHMARKS.md; besides, a process of CUDA takes half a gigabyte for itself."""
    recipe = Recipe(base=BaseChoice(weights="4bit"))
    assert memory_of(large, "4bit", recipe, "cuda", rows) == pytest.approx(measured + 5e8, rel=1 / 3)
    kept = replace(recipe, training=replace(recipe.training, gradient_checkpointing=False))
    assert offloads(recipe.training, shape_of(large))
    assert not offloads(kept.training, shape_of(large))


def test_that_memory_grows_with_everything_that_takes_it(large):
    recipe = Recipe()
    now = memory_of(large, "full", recipe, "cuda")
    assert memory_of(large, "4bit", recipe, "cuda") < memory_of(large, "8bit", recipe, "cuda") < now
    more = [
        replace(recipe, data=replace(recipe.data, max_length=4096)),
        replace(recipe, lora=replace(recipe.lora, rank=64)),
        replace(recipe, training=replace(recipe.training, batch=4)),
        replace(recipe, training=replace(recipe.training, gradient_checkpointing=False)),
        replace(recipe, training=replace(recipe.training, optimiser="adamw")),
    ]
    assert all(memory_of(large, "full", other, "cuda") > now for other in more)


def test_that_what_fits_is_said(large, tiny_llama):
    def on(free):
        return replace(CPU, gpus=(Gpu("Card", free * GIB, free * GIB, "600"),))

    recipe = Recipe()
    verdicts = [fit(large, "4bit", recipe, on(free)).verdict for free in (4, 7, 24)]
    assert verdicts == ["too_large", "tight", "fits"]
    assert fit(large, "4bit", recipe, CPU).verdict == "no_gpu"
    assert fit(inspect_model(tiny_llama), "full", recipe, CPU).verdict == "fits"


def test_that_a_processor_takes_days_where_a_card_takes_hours():
    tokens = 3_000_000
    assert seconds_for(tokens, 8_000_000_000, "cuda", 8) < 3600
    assert seconds_for(tokens, 8_000_000_000, "cpu", 8) > 86_400


@pytest.mark.parametrize("name", ["quick", "standard", "thorough"])
def test_that_presets_are_recipes_that_keep_base_and_data(name):
    recipe = Recipe(name="mine", base=BaseChoice(model="some", weights="4bit"))
    made = preset(recipe, name)
    assert (made.name, made.base, made.data.sources) == (recipe.name, recipe.base, recipe.data.sources)
    assert recipe_toml(made)
    assert preset(made, name) == made


def test_that_presets_grow():
    runs = [steps_of(2000, change(Recipe()).training) for change in (quick, standard, thorough)]
    assert runs == sorted(runs)
    assert runs[0] <= 60
    assert standard(thorough(Recipe())) == standard(Recipe())


def test_that_a_config_without_sizes_is_said(tmp_path, tiny_llama):
    folder = tmp_path / "model"
    shutil.copytree(tiny_llama, folder)
    (folder / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    with pytest.raises(ModelUnusable, match="does not say its sizes"):
        shape_of(inspect_model(folder))


def stepping(batch=1, accumulation=8, length=2048):
    training = TrainingChoice(batch=batch, accumulation=accumulation)
    base = BaseChoice(weights="4bit")
    return Recipe(base=base, data=DataChoice(max_length=length), training=training)


def test_that_a_gpu_gets_as_many_rows_as_keep_it_busy_if_they_fit(large, tiny_llama):
    small = inspect_model(tiny_llama)
    assert rows_at_once(stepping(), large, 80 * GIB) == 4
    assert rows_at_once(stepping(), large, 80 * GIB, enough=4096) == 2
    assert rows_at_once(stepping(), small, 80 * GIB, enough=4096) == 8
    assert rows_at_once(stepping(), large, 7 * GIB) == 1
    assert rows_at_once(stepping(), small, 80 * GIB) == 8
    assert rows_at_once(stepping(batch=4, length=8192), large, 80 * GIB) == 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 12), st.integers(1, 12), st.integers(128, 8192), st.sampled_from([6, 10, 80]))
def test_that_the_rows_of_a_step_are_always_the_same(large, batch, accumulation, length, memory):
    at_once = rows_at_once(stepping(batch, accumulation, length), large, memory * GIB)
    assert at_once >= batch
    assert batch * accumulation % at_once == 0
