"""An embedder without a model: a text's vector is drawn from the hash of its words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.retrieval.encoding import EncodingRules


class HashEmbedder:
    """Equal texts get equal vectors, texts that share words get near ones. Remembers what it was asked."""

    def __init__(self, dim: int = 16, fingerprint: str = "hash-1", beside: bool = False) -> None:
        self.dim = dim
        self.rules = EncodingRules()
        self.batch = 32
        self.beside = beside
        self.fingerprint = fingerprint
        self.asked: list[str] = []
        self._words: dict[str, NDArray[np.float64]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        vectors = np.stack([self._vector(text) for text in texts])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode(texts)

    def _vector(self, text: str) -> NDArray[np.float64]:
        words = text.lower().split() or [""]
        return np.sum([self._of_word(word) for word in words], axis=0) + 1e-6

    def _of_word(self, word: str) -> NDArray[np.float64]:
        if word not in self._words:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
            self._words[word] = np.random.default_rng(seed).standard_normal(self.dim)
        return self._words[word]
