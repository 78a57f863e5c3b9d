"""Dense retrieval: the chunks whose vectors are nearest to a query's, by cosine similarity.

hnswlib is imported inside functions, so that the window can import ``core`` without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import IndexDamaged
from core.retrieval.embedder import Vectors
from core.retrieval.encoding import Similarity

FILE = "vectors.bin"
_LINKS = 16  # hnswlib's M: recall@10 0.99 on a million 384-d vectors
_EF_BUILD = 200
_SPACES = {"cosine": "cosine", "dot": "ip"}  # of our similarities in hnswlib
_REMEDY = "Add the library's files again to rebuild it."
_EF_SEARCH = 256  # recall 0.988 on a million vectors; smaller libraries are near exact


class DenseIndex:
    """A read-only set of chunk vectors, made by ``build`` or ``load``."""

    def __init__(self, native: Any, dim: int, count: int, similarity: Similarity = "cosine") -> None:
        self._native = native
        self.dim = dim
        self.count = count
        self.similarity = similarity

    @classmethod
    def build(
        cls, keys: Sequence[int] | NDArray[np.int64], vectors: Vectors, similarity: Similarity = "cosine"
    ) -> DenseIndex:
        """Index ``vectors``, of shape (len(keys), dim); for the cosine they need not be normalised.

        Built on one thread, so that equal input gives an equal graph.
        """
        import hnswlib

        count, dim = vectors.shape
        native = hnswlib.Index(space=_SPACES[similarity], dim=dim)
        native.init_index(max_elements=max(count, 1), ef_construction=_EF_BUILD, M=_LINKS, random_seed=0)
        if count:  # add_items rejects an empty batch
            native.add_items(vectors, np.asarray(keys), num_threads=1 if count < 20_000 else -1)
        return cls(native, dim, count, similarity)

    @classmethod
    def update(
        cls,
        base_folder: Path,
        dim: int,
        count: int,
        removed_keys: Iterable[int],
        keys: Sequence[int] | NDArray[np.int64],
        vectors: Vectors,
        similarity: Similarity = "cosine",
    ) -> DenseIndex:
        """Return the index in ``base_folder``, of ``count`` vectors, without some keys and with new vectors.

        Removed vectors stay in memory and in the file, marked (``deleted``), until the index is built anew.
        Raises IndexDamaged if the base cannot be read or lacks a removed key.
        """
        index = cls.load(base_folder, dim, count, similarity)
        index._native.resize_index(max(index._native.get_current_count() + len(keys), 1))
        for removed, key in enumerate(removed_keys, start=1):
            try:
                index._native.mark_deleted(key)
            except RuntimeError as error:
                raise IndexDamaged(f"{base_folder} holds no vector {key}.", _REMEDY) from error
            index.count = count - removed
        if len(keys):  # add_items rejects an empty batch
            threads = 1 if len(keys) < 20_000 else -1
            index._native.add_items(vectors, np.asarray(keys), num_threads=threads)
            index.count += len(keys)
        return index

    @property
    def deleted(self) -> int:
        """Number of removed vectors that are still kept."""
        return int(self._native.get_current_count()) - self.count

    @classmethod
    def load(cls, folder: Path, dim: int, count: int, similarity: Similarity = "cosine") -> DenseIndex:
        """Open what ``save`` wrote to ``folder``; ``dim`` and ``count`` come from the manifest.

        Raises:
            IndexDamaged: a file is missing, unreadable, or holds fewer vectors.
        """
        import hnswlib

        path = folder / FILE
        try:
            if path.stat().st_size < count * dim * 4:  # hnswlib reads past the end of a short file
                raise OSError("the file is too short")
            native = hnswlib.Index(space=_SPACES[similarity], dim=dim)
            native.load_index(str(path))
            if native.get_current_count() < count:
                raise OSError("the file holds too few vectors")
        except (OSError, RuntimeError) as error:
            raise IndexDamaged(f"Cannot read the vectors in {folder}: {error}.", _REMEDY) from error
        return cls(native, dim, count, similarity)

    def save(self, folder: Path) -> None:
        """Write the index into the existing, empty ``folder``."""
        self._native.save_index(str(folder / FILE))

    def search(self, query: Vectors, k: int) -> list[tuple[int, float]]:
        """Return at most ``k`` (key, cosine similarity) for ``query``, of shape (dim,), nearest first."""
        if (k := min(k, self.count)) == 0:
            return []
        self._native.set_ef(max(_EF_SEARCH, k))  # hnswlib needs ef >= k
        keys, distances = self._native.knn_query(query, k=k, num_threads=1)
        return [(int(key), 1.0 - float(d)) for key, d in zip(keys[0], distances[0], strict=True)]

    def similarities(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Return the cosine similarity of ``query`` with each of ``keys``, which must be in the index."""
        if not keys:
            return []
        stored = np.asarray(self._native.get_items(list(keys)), dtype=np.float32)  # kept normalised
        length = float(np.linalg.norm(query)) or 1.0
        return [float(value) for value in stored @ (query / length)]
