"""What there is, and where a model would run: numbers of real models on computers made up here."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.hardware import Gpu, Hardware, estimate, placement, survey
from core.registry import ModelInfo
from core.settings import ModelSettings

GB = 10**9
# Llama-3.1-8B: 32 layers, 8 key-value heads of 128.
LLAMA = ModelInfo(
    "llama", Path("llama"), "language", "LlamaForCausalLM", 8_030_000_000, 16_060_000_000, 131_072, "BF16",
    has_chat_template=True, cache_values=2 * 32 * 8 * 128,
)  # fmt: skip
LAPTOP = Hardware("3.11", "Linux", 8, 16 * GB, 12 * GB, 100 * GB)


def with_gpu(*free):
    return replace(LAPTOP, gpus=tuple(Gpu("H100", 80 * GB, size, "570") for size in free))


def test_that_the_survey_works_on_any_computer(tmp_path):
    found = survey(tmp_path / "not" / "yet" / "there")
    assert found.cpu_cores >= 1
    assert 0 < found.ram_available <= found.ram_total
    assert found.disk_free > 0
    assert found.python.startswith("3.")


def test_that_the_survey_needs_no_torch():
    code = "import sys, core.hardware as h; h.survey(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "torch" not in done.stdout.split()


def test_that_no_gpu_is_seen_when_none_may_be_used(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert survey().gpus == ()


def test_that_the_estimate_is_near_what_was_measured():
    """16.4 GB in bf16 and 6.1 GB in NF4 on an H100 with 1,024 tokens (facts.md); more context is more."""
    settings = ModelSettings(context=1024)
    assert estimate(LLAMA, settings, "cuda") == pytest.approx(16.4 * GB, rel=0.1)
    small = replace(settings, quantisation="4bit")
    assert estimate(LLAMA, small, "cuda") == pytest.approx(6.1 * GB, rel=0.2)
    assert estimate(LLAMA, ModelSettings(context=131_072), "cuda") > 30 * GB
    assert estimate(LLAMA, settings, "cpu") == pytest.approx(4 * 8.03 * GB, rel=0.1)


@pytest.mark.parametrize(
    ("settings", "hardware", "device", "fits"),
    [
        (ModelSettings(), with_gpu(80 * GB), "cuda", True),
        (ModelSettings(), with_gpu(10 * GB, 10 * GB), "cuda", True),
        (ModelSettings(quantisation="4bit"), with_gpu(10 * GB), "cuda", True),
        (ModelSettings(), with_gpu(10 * GB), "cpu", False),
        (ModelSettings(), LAPTOP, "cpu", False),
        (ModelSettings(precision="bfloat16"), replace(LAPTOP, ram_available=30 * GB), "cpu", True),
        (ModelSettings(device="cpu"), with_gpu(80 * GB), "cpu", False),
        (ModelSettings(device="cuda"), with_gpu(10 * GB), "cuda", False),
    ],
)
def test_that_a_model_goes_where_it_fits(settings, hardware, device, fits):
    place = placement(LLAMA, settings, hardware)
    assert (place.device, place.fits) == (device, fits)
    assert "GB" in place.reason
