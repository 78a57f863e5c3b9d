"""Model folders of any size without any weights: files of holes, which take no room on the disk."""

from __future__ import annotations

import json
from pathlib import Path

SHAPES = {  # hidden, intermediate, layers, heads, key heads, vocabulary, tied: as published for each model
    "smollm2-135m-instruct": (576, 1536, 30, 9, 3, 49_152, True),
    "Llama-3.2-3B-Instruct": (3072, 8192, 28, 24, 8, 128_256, True),
    "Meta-Llama-3.1-8B-Instruct": (4096, 14_336, 32, 32, 8, 128_256, False),
    "Llama-3.3-70B-Instruct": (8192, 28_672, 80, 64, 8, 128_256, False),
}


def make_hollow_model(models: Path, name: str) -> Path:
    """Make the folder ``models/name`` that looks like one of SHAPES in bfloat16, and cannot be run."""
    folder = models / name
    folder.mkdir(parents=True)
    hidden, intermediate, layers, heads, keys, vocabulary, tied = SHAPES[name]
    config = {
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": hidden,
        "intermediate_size": intermediate,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": keys,
        "vocab_size": vocabulary,
        "tie_word_embeddings": tied,
        "max_position_embeddings": 8192,
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "tokenizer.json").write_text("{}", "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ messages }}"}), "utf-8")
    attention = 2 * hidden * hidden + 2 * hidden * (hidden // heads) * keys
    parameters = layers * (attention + 3 * hidden * intermediate) + vocabulary * hidden * (1 if tied else 2)
    _holes(folder / "model.safetensors", parameters)
    return folder


def make_hollow_embedder(folder: Path) -> Path:
    """Make a folder that looks like a search model, and cannot be run."""
    folder.mkdir(parents=True)
    config = {"architectures": ["BertModel"], "max_position_embeddings": 512}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "tokenizer.json").write_text("{}", "utf-8")
    (folder / "modules.json").write_text("[]", "utf-8")
    _holes(folder / "model.safetensors", 22_700_000)
    return folder


def _holes(path: Path, parameters: int) -> None:
    tensor = {"dtype": "BF16", "shape": [parameters], "data_offsets": [0, 2 * parameters]}
    header = json.dumps({"weights": tensor}).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 2 * parameters)
