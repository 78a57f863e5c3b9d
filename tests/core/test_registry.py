"""A model folder is judged by its headers alone, and what is wrong with it is said in words."""

import json
import shutil
import subprocess
import sys

import pytest

from core.errors import ModelUnusable
from core.paths import Home
from core.registry import find_model, inspect_model, installed


@pytest.fixture
def home(tmp_path, tiny_llama, tiny_embedder):
    home = Home(tmp_path / "home")
    shutil.copytree(tiny_llama, home.models / "writer")
    shutil.copytree(tiny_embedder, home.models / "finder")
    return home


@pytest.fixture
def folder(home):
    return home.models / "writer"


def shard(folder):
    """Split the weights' name over an index, as large models do."""
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    names = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}), "utf-8")


def only_pickle(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def cut_short(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def header_beyond_the_end(folder):
    file = folder / "model.safetensors"
    file.write_bytes((1 << 40).to_bytes(8, "little") + file.read_bytes()[8:])


def header_of_nonsense(folder):
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"[]")


def only_gguf(folder):
    (folder / "model.safetensors").rename(folder / "model.gguf")


def custom_code(folder):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["auto_map"] = {"AutoModelForCausalLM": "modeling.Evil"}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")


def no_config(folder):
    (folder / "config.json").unlink()


def damaged_config(folder):
    (folder / "config.json").write_text("{", "utf-8")


def no_tokenizer(folder):
    (folder / "tokenizer.json").unlink()


def an_adapter(folder):
    (folder / "config.json").rename(folder / "adapter_config.json")


WRONG = {
    shard: "lacks model-00002",
    only_pickle: "pytorch_model.bin, a format that can run code",
    cut_short: "cut short",
    header_beyond_the_end: "cut short",
    header_of_nonsense: "cut short",
    only_gguf: "GGUF",
    custom_code: "auto_map",
    no_config: "no config.json",
    damaged_config: "config.json is missing or damaged",
    no_tokenizer: "no tokenizer",
    an_adapter: "adapter",
}


@pytest.mark.parametrize("spoil", WRONG, ids=lambda spoil: spoil.__name__)
def test_that_what_makes_a_model_unusable_is_said_with_a_hint(folder, spoil):
    spoil(folder)
    with pytest.raises(ModelUnusable, match=WRONG[spoil]) as caught:
        inspect_model(folder)
    assert caught.value.hint


def test_that_a_whole_language_model_is_described_by_its_headers(folder):
    info = inspect_model(folder)
    assert (info.name, info.kind, info.architecture) == ("writer", "language", "LlamaForCausalLM")
    assert (info.parameters, info.dtype, info.context) == (35_168, "F32", 8192)
    assert info.bytes == (folder / "model.safetensors").stat().st_size
    assert info.cache_values == 2 * 2 * 2 * 8  # keys and values, layers, heads, width
    assert info.has_chat_template
    assert not info.quantised


def test_that_an_embedder_is_known_by_its_modules(home):
    info = inspect_model(home.models / "finder")
    assert (info.kind, info.context, info.has_chat_template) == ("embedder", 256, False)


def test_that_sentence_transformers_modules_with_code_of_their_own_are_refused(home):
    modules = home.models / "finder" / "modules.json"
    modules.write_text(modules.read_text("utf-8").replace("sentence_transformers.models.Pooling", "evil.P"))
    with pytest.raises(ModelUnusable, match="code of its own"):
        inspect_model(home.models / "finder")


def test_that_a_model_is_found_by_name_and_by_path(home, folder):
    assert find_model(home, "writer", "language") == folder
    assert find_model(home, str(folder), "language") == folder


@pytest.mark.parametrize("name", ["writer", "nothing", "/no/where"])
def test_that_a_missing_model_or_one_of_the_other_kind_is_refused(home, name):
    with pytest.raises(ModelUnusable) as caught:
        find_model(home, name, "embedder")
    assert caught.value.hint


def test_that_a_gguf_file_is_refused_by_name(tmp_path):
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    with pytest.raises(ModelUnusable, match="GGUF"):
        inspect_model(file)


def test_that_usable_models_are_listed_and_half_installed_ones_are_not(home):
    shutil.copytree(home.models / "finder", home.models / ".other.partial")
    only_pickle(shutil.copytree(home.models / "writer", home.models / "bad"))
    assert [info.name for info in installed(home)] == ["finder", "writer"]
    assert installed(Home(home.root / "none")) == []


def test_that_inspecting_needs_no_torch(folder):
    code = f"""import sys, pathlib, core.registry as r
r.inspect_model(pathlib.Path({str(folder)!r})); print(*sys.modules)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers"} & set(done.stdout.split())
