"""Bad input: found before anything is written, in one sentence, with its remedy."""

import json
import shutil
from dataclasses import replace

import pytest

from core.errors import AppError, DataUnusable, ModelUnusable, OutOfMemory, RecipeInvalid, StorageFull
from core.hardware import GIB, Gpu, Hardware
from core.paths import Home
from core.tuning.recipe import BaseChoice, DataChoice, Recipe, TrainingChoice
from core.tuning.runs import Runs
from tests.training.trials import Trial
from training.feasibility import GpuUser, ground_for, must_fit, steps_for

CPU = Hardware("3.11", "Linux", 4, 16 * GIB, 12 * GIB, 500 * GIB)


def with_gpu(free, total=None):
    return replace(CPU, gpus=(Gpu("Card", (total or free) * GIB, free * GIB, "600"),))


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def shaped(folder, tiny_llama, **sizes):
    """A folder that says to be a large model; its weights are not."""
    shutil.copytree(tiny_llama, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **sizes}))
    return Recipe(base=BaseChoice(model=str(folder)))


@pytest.fixture
def large(tmp_path, tiny_llama):
    """The sizes of Llama-3.1-8B."""
    return shaped(
        tmp_path / "llama-8b",
        tiny_llama,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        head_dim=128,
        vocab_size=128256,
    )


def refused(home, recipe, hardware, kind, users=()):
    with pytest.raises(kind) as failure:
        must_fit(ground_for(recipe, home), recipe, home, hardware, users)
    assert isinstance(failure.value, AppError)
    assert failure.value.hint
    assert str(failure.value).endswith(".")
    assert not home.runs.exists()
    return str(failure.value), failure.value.hint


def test_that_a_tiny_model_fits_on_a_processor(home, tiny_llama):
    recipe = Recipe(base=BaseChoice(model=str(tiny_llama)))
    must_fit(ground_for(recipe, home), recipe, home, CPU)


def test_that_a_gguf_is_no_base(home, tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    for path in (tmp_path / "model.gguf", tmp_path):
        message, hint = refused(home, Recipe(base=BaseChoice(model=str(path))), CPU, ModelUnusable)
        assert "GGUF" in message
        assert "safetensors" in hint


def test_that_a_base_without_a_chat_template_is_refused(home, tmp_path, tiny_llama):
    folder = tmp_path / "plain"
    shutil.copytree(tiny_llama, folder)
    (folder / "chat_template.jinja").unlink()
    message, hint = refused(home, Recipe(base=BaseChoice(model=str(folder))), CPU, ModelUnusable)
    assert "chat template" in message
    assert "instruct" in hint


def test_that_eight_billion_on_a_processor_are_refused_with_a_time(home, large):
    message, hint = refused(home, large, replace(CPU, ram_available=400 * GIB), OutOfMemory)
    assert "one step" in message
    assert "hours" in message or "days" in message
    assert "1 B" in hint


def test_that_a_model_too_large_for_the_card_is_refused_with_what_would_fit(home, large):
    message, hint = refused(home, large, with_gpu(16), OutOfMemory)
    assert "17.2 GB" in message  # 16 GiB
    assert hint == "Hold the base in 8 bits."
    _, hint = refused(home, large, with_gpu(10), OutOfMemory)
    assert hint.startswith("Hold the base in 4 bits")
    _, hint = refused(home, large, with_gpu(4), OutOfMemory)
    assert hint == "Choose a smaller base model."


def test_that_it_fits_in_four_bits(home, large):
    recipe = replace(large, base=replace(large.base, weights="4bit"))
    must_fit(ground_for(recipe, home), recipe, home, with_gpu(12))


def test_that_another_program_on_the_card_is_named(home, large):
    users = (GpuUser("ollama", 4711, 60 * GIB),)
    message, hint = refused(home, large, with_gpu(16, 80), OutOfMemory, users)
    assert "ollama" in message
    assert hint == "Close that program."


def test_that_a_full_disk_is_noticed(home, large, monkeypatch):
    import core.library.storage as storage

    usage = shutil.disk_usage(home.root.parent)
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: usage._replace(free=GIB))
    message, hint = refused(home, large, with_gpu(80), StorageFull)
    assert "MB are needed" in message
    assert "delete runs" in hint


def test_that_the_adapter_of_another_base_is_refused(home, tmp_path, recipe, wide_llama, tiny_llama):
    trial = Trial(tmp_path, recipe)
    list(trial.events())
    adapter = str(trial.run.adapter)
    assert ground_for(Recipe(base=BaseChoice(str(tiny_llama), adapter)), home).adapter
    for base, named, words in (
        (wide_llama, adapter, "another base"),
        (tiny_llama, "no-such-run", "no adapter"),
        (tiny_llama, str(tmp_path), "no adapter in safetensors"),
    ):
        wrong = Recipe(base=BaseChoice(str(base), named))
        message, _ = refused(home, wrong, CPU, RecipeInvalid)
        assert words in message


def test_that_a_finished_run_is_an_adapter_to_go_on_from_by_its_name(tmp_path, recipe, tiny_llama):
    home = Home(tmp_path)
    trial = Trial(tmp_path, recipe)
    list(trial.events())
    named = Recipe(base=BaseChoice(str(tiny_llama), "tiny"))
    assert ground_for(named, home).adapter == trial.run.adapter
    assert Runs(home.runs).get("tiny").id == trial.run.id


def test_that_nothing_to_do_is_said():
    with pytest.raises(DataUnusable, match="Nothing is left"):
        steps_for(0, Recipe(data=DataChoice(), training=TrainingChoice()))
