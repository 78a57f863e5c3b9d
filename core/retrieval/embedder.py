"""Text embeddings from a local sentence-transformers folder.

torch and sentence-transformers are imported when a model is loaded, so that the window can import ``core``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable

Vectors = NDArray[np.float32]


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


class SentenceEmbedder:
    """A local sentence-transformers folder."""

    def __init__(self, model: Any, fingerprint: str) -> None:
        self._model = model
        self.fingerprint = fingerprint
        self.dim = int(model.get_embedding_dimension())

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> SentenceEmbedder:
        """Load ``folder`` onto ``device``; safetensors only, and none of its code is run.

        Raises:
            ModelUnusable: the folder is not a sentence-transformers model.
        """
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(
                str(folder),
                device=device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelUnusable(
                f"Cannot load the embedder in {folder}: {error}.",
                "Run `vademecum assets verify`, or choose another embedder in the settings.",
            ) from error
        model.eval()
        return cls(model, fingerprint_of(folder))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode``. Texts longer than the model reads are cut by its tokenizer."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        encoded = self._model.encode(
            list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(encoded, dtype=np.float32)


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
