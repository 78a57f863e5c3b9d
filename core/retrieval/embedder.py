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
