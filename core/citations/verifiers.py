"""Local models that judge whether a text supports a sentence, as folders of safetensors.

Four layouts are known by what their ``config.json`` says:

- ours: weights of 8 bits, made by ``training.verifier``;
- three classes called entailment, neutral and contradiction: any model of natural language inference;
- two classes, of which the second is "supported": MiniCheck (Tang, Laban, Durrett 2024);
- a class for each token, of which the second is "hallucinated": LettuceDetect (Kovacs, Recski 2025).

torch and transformers are imported when a model is loaded; none of a model's code is run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.citations.classifier import Calibration, ClassifierVerifier, Pairs, Probabilities
from core.citations.packed import SCALE, unpacked
from core.citations.support import Verifier
from core.errors import ModelUnusable
from core.registry import TOKENIZERS
from core.weights import read_weights

OURS, PACKED = "verifier.json", "weights.int8.safetensors"
VERSION = 1
_LONGEST = 512  # tokens of a pair, whatever the model has places for
_SAFE = {"local_files_only": True, "trust_remote_code": False}
_HINT = "Choose another verifier in the settings, or none."


def load_verifier(folder: Path, device: str = "cpu") -> Verifier:
    """Load the verifier in ``folder``, whichever of the known layouts it has.

    Raises:
        ModelUnusable: the folder is none of them, brings code or pickles, or is damaged.
    """
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        if config.get("auto_map"):
            raise ValueError("it brings program code of its own")
        if not any((folder / name).is_file() for name in (*TOKENIZERS, "spm.model")):
            raise ValueError("it holds no tokenizer")  # transformers would make one that knows no word
        if (folder / OURS).is_file():
            return _ours(folder, device)
        kind = str((config.get("architectures") or [""])[0])
        if kind.endswith("ForTokenClassification"):
            return _tokens(folder, device)
        if kind.endswith("ForSequenceClassification"):
            return _sequences(folder, device)
        raise ValueError(f"{kind or 'its architecture'} judges no pairs")
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise ModelUnusable(f"Cannot load the verifier in {folder}: {error}.", _HINT) from error


def _ours(folder: Path, device: str) -> Verifier:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    about = json.loads((folder / OURS).read_text("utf-8"))
    if about["version"] > VERSION:
        raise ValueError("it was made by a newer version of Vademecum")
    model: Any = AutoModelForSequenceClassification  # its constructors have no types
    model = model.from_config(AutoConfig.from_pretrained(str(folder), **_SAFE))
    packed = load_file(folder / PACKED)
    model.load_state_dict({name: unpacked(packed, name) for name in packed if not name.endswith(SCALE)})
    tokenizer = AutoTokenizer.from_pretrained(str(folder), **_SAFE)
    read = Calibration(about["temperature"], about["supported"], about["weak"])
    pairs = Pairs(model.to(device, torch.float32).eval(), tokenizer, about["max_tokens"], read.temperature)
    return ClassifierVerifier(lambda claims, evidence: pairs.classes(evidence, claims), read)


def _sequences(folder: Path, device: str) -> Verifier:
    from transformers import AutoModelForSequenceClassification

    model, tokenizer = _loaded(AutoModelForSequenceClassification, folder, device)
    names = [str(model.config.id2label[at]).lower() for at in range(model.config.num_labels)]
    pairs = Pairs(model, tokenizer, _places(model, tokenizer), 1.0)
    if len(names) == 3:
        order = [_only(names, start) for start in ("entail", "neutral", "contradict")]
        return ClassifierVerifier(lambda c, e: pairs.classes(e, c)[:, order], Calibration())
    if len(names) != 2:
        raise ValueError(f"it tells {len(names)} classes apart, not supported from the rest")
    yes = _supported_of(names)
    return ClassifierVerifier(lambda c, e: _of_two(pairs.joined(e, c)[:, yes]), Calibration())


def _tokens(folder: Path, device: str) -> Verifier:
    from transformers import AutoModelForTokenClassification

    model, tokenizer = _loaded(AutoModelForTokenClassification, folder, device)
    if model.config.num_labels != 2:
        raise ValueError(f"it tells {model.config.num_labels} kinds of tokens apart, not two")
    pairs = Pairs(model, tokenizer, _places(model, tokenizer), 1.0)
    return ClassifierVerifier(lambda c, e: _of_two(pairs.worst_token(e, c)), Calibration())


def _loaded(auto: Any, folder: Path, device: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoTokenizer

    read_weights(folder)
    dtype = torch.float16 if device.startswith("cuda") else torch.float32
    model, report = auto.from_pretrained(
        str(folder), use_safetensors=True, dtype=dtype, output_loading_info=True, **_SAFE
    )
    if report["missing_keys"]:  # without its last layer it would judge at random
        raise ValueError(f"it lacks {', '.join(sorted(report['missing_keys']))}")
    return model.to(device).eval(), AutoTokenizer.from_pretrained(str(folder), **_SAFE)


def _places(model: Any, tokenizer: Any) -> int:
    places = int(getattr(model.config, "max_position_embeddings", _LONGEST) or _LONGEST)
    # RoBERTa counts positions from behind its padding token
    places -= int(model.config.pad_token_id or 0) + 1 if "roberta" in str(model.config.model_type) else 0
    return min(_LONGEST, places, int(tokenizer.model_max_length))


def _only(names: Sequence[str], start: str) -> int:
    found = [at for at, name in enumerate(names) if name.startswith(start)]
    if len(found) != 1:
        raise ValueError(f"of its classes ({', '.join(names)}) none is {start}...")
    return found[0]


def _supported_of(names: Sequence[str]) -> int:
    """Return which of two classes is "supported"; the second, as in MiniCheck, where they have no names."""
    good = ("support", "entail", "consistent", "factual", "faithful")
    found = [at for at, name in enumerate(names) if name.startswith(good)]
    return found[0] if len(found) == 1 else 1


def _of_two(support: NDArray[np.float64]) -> Probabilities:
    """Return probabilities of three classes from that of support alone: nothing is ever contradicted."""
    return np.column_stack([support, 1.0 - support, np.zeros_like(support)])
