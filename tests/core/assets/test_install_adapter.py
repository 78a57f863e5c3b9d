"""A default model that is another one with an adapter of ours merged into it."""

import hashlib
import zipfile

import pytest
import tomli_w

from core.assets import merge as merging
from core.assets.install import install, listing
from core.cancel import CancelToken
from core.errors import AssetRefused, AssetUnavailable
from core.generation.engine import Message
from core.generation.transformers_engine import TransformersEngine
from core.paths import Home
from core.settings import ModelSettings, SamplingSettings

WHEEL = "tiny_llama-1.0-py3-none-any.whl"
ADAPTER = "adapters/tuned/adapter_model.safetensors"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_adapter(folder, base):
    """Save an adapter that changes what the tiny model says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    config = LoraConfig(r=2, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.data = torch.randn_like(parameter)
    model.save_pretrained(folder)


@pytest.fixture
def place(tmp_path, tiny_llama, monkeypatch):
    """A catalogue of a base in a wheel and an adapter for it; everything lies below ``tmp_path``."""
    files = sorted(path.name for path in tiny_llama.iterdir())
    wheel = tmp_path / WHEEL
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in files:
            archive.write(tiny_llama / name, f"tiny/{name}")
    monkeypatch.setattr(merging, "resources", lambda: tmp_path)
    make_adapter((tmp_path / ADAPTER).parent, tiny_llama)
    weights = tiny_llama / "model.safetensors"
    base = {
        "name": "base", "kind": "language", "title": "Base", "licence": "none", "package": "tiny-llama",
        "package_version": "1.0", "wheel": WHEEL, "wheel_sha256": sha256(wheel),
        "wheel_bytes": wheel.stat().st_size, "folder": "tiny", "weights": weights.name,
        "weights_sha256": sha256(weights), "weights_bytes": weights.stat().st_size,
        "files": [name for name in files if name != weights.name], "installed_bytes": 1000,
    }  # fmt: skip
    tuned = {
        "name": "tuned", "kind": "language", "title": "Tuned", "licence": "none", "base": "base",
        "folder": "adapters/tuned", "weights_sha256": sha256(tmp_path / ADAPTER), "weights_bytes": 1000,
        "installed_bytes": 1000,
    }  # fmt: skip
    body = {"version": 1, "asset": [base], "adapter": [tuned]}
    (tmp_path / "assets.toml").write_text(tomli_w.dumps(body), "utf-8")
    return tmp_path


def installed(place, *names):
    home = Home(place / "home")
    given = {"wheels": place, "catalogue": place / "assets.toml"}
    return home, install(home, names, lambda event: None, CancelToken(), **given)


def says(folder):
    engine = TransformersEngine.load(folder, ModelSettings(), CancelToken())
    sampling = SamplingSettings(temperature=0, max_new_tokens=30)
    return "".join(engine.stream([Message("user", "Gout?")], sampling, 0, CancelToken()))


def test_that_an_adapter_is_merged_into_its_base_which_is_installed_with_it(place):
    home, statuses = installed(place, "tuned")
    assert [(status.asset.name, status.state) for status in statuses] == [
        ("base", "installed"),
        ("tuned", "installed"),
    ]
    assert says(home.models / "tuned") != says(home.models / "base")


def test_that_an_installed_one_is_left_alone(place):
    home, _ = installed(place)
    before = (home.models / "tuned" / "model.safetensors").stat().st_mtime_ns
    installed(place)
    assert (home.models / "tuned" / "model.safetensors").stat().st_mtime_ns == before


def test_that_an_adapter_that_was_changed_is_refused_and_leaves_nothing(place):
    content = bytearray((place / ADAPTER).read_bytes())
    content[-1] ^= 1
    (place / ADAPTER).write_bytes(content)
    with pytest.raises(AssetRefused, match="not the adapter we know"):
        installed(place)
    left = sorted(path.name for path in (place / "home" / "models").iterdir())
    assert left == [".install.lock", "base"]


def test_that_a_model_of_another_adapter_counts_as_damaged(place):
    home, _ = installed(place)
    path = place / "assets.toml"
    path.write_text(path.read_text("utf-8").replace(sha256(place / ADAPTER), "0" * 64), "utf-8")
    states = {status.asset.name: status.state for status in listing(home, catalogue=path)}
    assert states == {"base": "installed", "tuned": "damaged"}


def test_that_a_name_nobody_knows_is_refused_with_those_there_are(place):
    with pytest.raises(AssetUnavailable) as caught:
        installed(place, "nothing")
    assert "tuned" in caught.value.hint
