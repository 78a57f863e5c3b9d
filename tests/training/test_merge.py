from dataclasses import replace

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import RunUnusable
from core.generation.merging import ADAPTER
from core.protocol import Merged
from core.registry import inspect_model
from core.settings import ModelSettings
from core.tuning.recipe import BaseChoice
from tests.training.trials import Trial, with_training
from training.compute import compute_for
from training.merge import Parts, merge


@pytest.fixture(scope="module", params=["full", "4bit", "8bit"])
def trained(request, tmp_path_factory, wide_llama):
    """A finished run, its base held in each of the three ways."""
    from tests.training.trials import tiny_recipe

    recipe = with_training(tiny_recipe(wide_llama), max_steps=3, evaluations=0, checkpoints=1)
    recipe = replace(recipe, base=BaseChoice(str(wide_llama), weights=request.param))
    trial = Trial(tmp_path_factory.mktemp("run"), recipe)
    list(trial.events())
    return trial.run, Parts(wide_llama, trial.run.adapter, request.param)


def merged(run, parts, compute="fp32", **options):
    return list(merge(run, parts, compute_for(compute), CancelToken(), **options))[-1]


def test_that_the_merged_model_answers_like_the_trained_one_and_can_be_used(trained):
    import torch

    from core.generation.loading import load

    run, parts = trained
    done = merged(run, parts)
    assert isinstance(done, Merged)
    assert done.difference < (1e-4 if parts.weights == "full" else 1.0)
    info = inspect_model(run.merged)
    assert (info.kind, info.has_chat_template, info.quantised, info.dtype) == ("language", True, False, "F32")
    loaded = load(run.merged, ModelSettings(context=4096, precision="float16", device="cpu"))
    assert loaded.model.dtype == torch.float16


def test_that_it_differs_from_its_base_by_what_was_learned(trained):
    import torch

    from training.loading import load_base

    run, parts = trained
    merged(run, parts)
    one, two = (load_base(folder, "full", torch.float32, "cpu") for folder in (parts.base, run.merged))
    changed = {
        name.split(".")[-2]
        for (name, before), (_, after) in zip(one.named_parameters(), two.named_parameters(), strict=True)
        if not torch.allclose(before, after, atol=1e-3)
    }
    assert {"q_proj", "v_proj", "down_proj"} <= changed
    if parts.weights == "full":
        assert changed == {"q_proj", "v_proj", "down_proj"}


def test_that_a_bin_file_is_written_only_when_asked_for(trained):
    run, parts = trained
    merged(run, parts)
    assert not list(run.merged.glob("*.bin"))
    merged(run, parts, bin=True)
    assert (run.merged / "pytorch_model.bin").stat().st_size > 10_000


def test_that_a_model_that_answers_otherwise_is_refused_and_thrown_away(trained, monkeypatch):
    """The live adapter is compared with what was saved: here the file changes between the two."""
    from safetensors.torch import load_file, save_file

    run, parts = trained
    before = (parts.adapter / ADAPTER).read_bytes()
    steps = merge(run, parts, compute_for("fp32"), CancelToken())
    next(steps), next(steps)  # the trained model has answered
    tensors = load_file(parts.adapter / ADAPTER)
    save_file({name: 30 * tensor for name, tensor in tensors.items()}, parts.adapter / ADAPTER)
    try:
        with pytest.raises(RunUnusable, match="does not answer like"):
            list(steps)
    finally:
        (parts.adapter / ADAPTER).write_bytes(before)
    assert not (run.folder / ".merging").exists()


def test_that_a_cancelled_merge_leaves_no_model(trained, tmp_path):
    run, parts = trained
    cancel = CancelToken()
    steps = merge(run, parts, compute_for("fp32"), cancel)
    next(steps)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(steps)


def test_that_a_run_in_bf16_on_a_base_in_fp32_is_merged_in_fp32(trained):
    run, parts = trained
    merged(run, parts, "bf16")
    assert inspect_model(run.merged).dtype == ("F32" if parts.weights == "full" else "BF16")
