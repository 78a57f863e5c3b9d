"""Text embeddings from a local sentence-transformers folder.

torch and sentence-transformers are imported when a model is loaded, so that the window can import ``core``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable

Vectors = NDArray[np.float32]
_BATCH = 32  # texts; larger gains nothing on a CPU


class Embedder(Protocol):
    """Turns texts into vectors whose inner product is cosine similarity."""

    @property
    def fingerprint(self) -> str:
        """Identifies model and encoding rules; equal fingerprints give comparable vectors."""

    @property
    def dim(self) -> int:
        """Length of one vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of length 1, shape (len(texts), dim), in the order of ``texts``."""


class TransformerEmbedder:
    """The commonest sentence-transformers layout, an encoder with mean or CLS pooling, without that library.

    Importing sentence-transformers takes seconds, because it brings the training stack along; a question
    should not wait for that. The vectors are those of ``SentenceEmbedder`` (a test compares them).
    """

    def __init__(self, model: Any, tokenizer: Any, plan: Plan, fingerprint: str) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._plan = plan
        self.fingerprint = fingerprint
        self.dim = int(model.config.hidden_size)

    @classmethod
    def load(cls, folder: Path, plan: Plan, device: str = "cpu") -> TransformerEmbedder:
        """Load the encoder in ``folder``; safetensors only, and none of its code is run."""
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        safe = {"local_files_only": True, "trust_remote_code": False}
        model = AutoModel.from_pretrained(str(folder), use_safetensors=True, dtype=torch.float32, **safe)
        tokenizer = AutoTokenizer.from_pretrained(str(folder), **safe)
        return cls(model.to(device).eval(), tokenizer, plan, fingerprint_of(folder))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode``. Texts longer than the model reads are cut by its tokenizer."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))  # alike lengths waste least padding
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._encode_batch([texts[i] for i in batch])
        return vectors

    def _encode_batch(self, texts: Sequence[str]) -> Vectors:
        import torch

        with torch.inference_mode():
            inputs = self._tokenizer(
                list(texts),
                padding=True,
                truncation=True,
                max_length=self._plan.max_tokens,
                return_tensors="pt",
            ).to(self._model.device)
            states = self._model(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
            pooled = states[:, 0] if self._plan.pooling == "cls" else (states * mask).sum(1) / mask.sum(1)
            return np.asarray(
                torch.nn.functional.normalize(pooled.float(), dim=1).cpu().numpy(), dtype=np.float32
            )


class SentenceEmbedder:
    """Any local sentence-transformers folder, run by sentence-transformers."""

    def __init__(self, model: Any, fingerprint: str) -> None:
        self._model = model
        self.fingerprint = fingerprint
        self.dim = int(model.get_embedding_dimension())

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> SentenceEmbedder:
        """Load ``folder`` onto ``device``; safetensors only, and none of its code is run."""
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(
            str(folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        return cls(model.eval(), fingerprint_of(folder))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode``. Texts longer than the model reads are cut by its tokenizer."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        encoded = self._model.encode(
            list(texts),
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(encoded, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a simple sentence-transformers folder encodes: pooling, and the most tokens of a text it reads."""

    pooling: Literal["mean", "cls"]
    max_tokens: int


def load_embedder(folder: Path, device: str = "cpu") -> Embedder:
    """Load the embedder in ``folder`` by the quickest way that gives its vectors.

    Raises:
        ModelUnusable: the folder is not a sentence-transformers model, or is damaged.
    """
    try:
        plan = simple_plan(folder)
        return (
            TransformerEmbedder.load(folder, plan, device) if plan else SentenceEmbedder.load(folder, device)
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ModelUnusable(
            f"Cannot load the embedder in {folder}: {error}.",
            "Run `vademecum assets verify`, or choose another embedder in the settings.",
        ) from error


def simple_plan(folder: Path) -> Plan | None:
    """Return how to encode with the model in ``folder``, or None if it takes sentence-transformers to know.

    Simple is: an encoder in the folder itself, mean or CLS pooling, perhaps normalisation; no prompts, no
    lower-casing.
    """
    modules = _json(folder / "modules.json")
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    if (
        kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
        or modules[0]["path"]
    ):
        return None
    rules = _json(folder / "sentence_bert_config.json")
    pooling = {key for key, on in _json(folder / modules[1]["path"] / "config.json").items() if on is True}
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
    if any(prompts.values()) or rules.get("do_lower_case") or not rules.get("max_seq_length"):
        return None
    modes = {key for key in pooling if key.startswith("pooling_mode_")}
    if modes == {"pooling_mode_mean_tokens"}:
        return Plan("mean", int(rules["max_seq_length"]))
    return Plan("cls", int(rules["max_seq_length"])) if modes == {"pooling_mode_cls_token"} else None


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def fingerprint_of(folder: Path) -> str:
    """Return the folder's name and a hash of its weights and encoding rules, such as "minilm@0123456789ab".

    Pooling, prefixes and maximum length are in the JSON files, so a change of any of them counts as another
    embedder.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".json", ".txt", ".safetensors"} and path.name != "asset.json":
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"{folder.name}@{digest.hexdigest()[:12]}"
