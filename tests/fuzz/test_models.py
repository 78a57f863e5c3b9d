"""Model folders, spoilt at random: each is described or refused in one sentence, without loading anything."""

from __future__ import annotations

import shutil
from contextlib import suppress

import pytest
from hypothesis import given

from core.errors import ModelUnusable
from core.paths import Home
from core.registry import ModelInfo, inspect_model, installed
from tests.fuzz.kit import fuzzed, soon, spoilt

LANGUAGE = (
    "config.json",
    "model.safetensors",
    "tokenizer_config.json",
    "generation_config.json",
    "tokenizer.json",
)
EMBEDDER = ("config.json", "modules.json", "sentence_bert_config.json", "model.safetensors")


def is_described_or_refused(folder):
    with soon(), suppress(ModelUnusable):
        info = inspect_model(folder)
        assert isinstance(info, ModelInfo)
        assert info.parameters >= 0
        assert info.bytes >= 0
        assert info.context is None or info.context >= 0
    assert len(installed(Home(folder.parent.parent))) <= 1


@pytest.mark.parametrize("name", LANGUAGE)
def test_that_any_spoilt_model_folder_is_described_or_refused(tmp_path, tiny_llama, name):
    folder = tmp_path / "models" / "tiny"
    shutil.copytree(tiny_llama, folder)
    spoil_again_and_again(folder, name)


@pytest.mark.parametrize("name", EMBEDDER)
def test_that_any_spoilt_embedder_is_described_or_refused(tmp_path, tiny_embedder, name):
    folder = tmp_path / "models" / "tiny"
    shutil.copytree(tiny_embedder, folder)
    spoil_again_and_again(folder, name)


def spoil_again_and_again(folder, name):
    path = folder / name
    whole = path.read_bytes()[:20_000] if path.is_file() else b"{}"  # of weights, the header

    @fuzzed(100)
    @given(spoilt(whole))
    def check(content):
        path.write_bytes(content)
        is_described_or_refused(folder)

    check()


def test_that_any_spoilt_index_of_weights_is_read_or_refused(tmp_path, tiny_llama):
    folder = tmp_path / "models" / "tiny"
    shutil.copytree(tiny_llama, folder)
    whole = b'{"metadata": {"total_size": 1}, "weight_map": {"a": "model.safetensors", "b": "x.safetensors"}}'
    path = folder / "model.safetensors.index.json"

    @fuzzed(100)
    @given(spoilt(whole))
    def check(content):
        path.write_bytes(content)
        is_described_or_refused(folder)

    check()
