"""Dense retrieval: the chunks whose vectors are nearest to a query's, by cosine similarity.

hnswlib is imported inside functions, so that the window can import ``core`` without it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import IndexDamaged
from core.retrieval.embedder import Vectors
from core.retrieval.encoding import Similarity
from core.retrieval.fusion import NOTHING, Keys, Ranking

FILE = "vectors.bin"
_LINKS = 16  # hnswlib's M: recall@10 0.99 on a million 384-d vectors
_EF_BUILD, _EF_BUILD_LARGE = 200, 100  # the latter for a large index: half the time, recall above 0.98
_LARGE = 20_000  # vectors from which on it is built on all cores
_HEAD = 96  # bytes before the first vector in a file of hnswlib
_HEADER = struct.Struct("<6QiI3QdQ")  # the same, as numbers
_MOST_LINKS, _MOST_LEVELS = 1024, 64
_BLOCK = 4096  # vectors read at once
_FEW = 64  # up to so many vectors are asked of hnswlib
_SPACES = {"cosine": "cosine", "dot": "ip"}  # of our similarities in hnswlib
_REMEDY = "Add the library's files again to rebuild it."
_EF_SEARCH = 256  # recall 0.988 on a million vectors; smaller libraries are near exact


class DenseIndex:
    """A read-only set of chunk vectors, made by ``build`` or ``load``."""

    def __init__(self, native: Any, dim: int, count: int, similarity: Similarity = "cosine") -> None:
        self._native = native
        self._file: VectorFile | None = None
        self.dim = dim
        self.count = count
        self.similarity = similarity

    @classmethod
    def build(
        cls, keys: Sequence[int] | NDArray[np.int64], vectors: Vectors, similarity: Similarity = "cosine"
    ) -> DenseIndex:
        """Index ``vectors``, of shape (len(keys), dim); for the cosine they need not be normalised.

        A small one is built on one thread, so that equal input gives an equal graph.
        """
        import hnswlib

        count, dim = vectors.shape
        native = hnswlib.Index(space=_SPACES[similarity], dim=dim)
        effort = _EF_BUILD if count < _LARGE else _EF_BUILD_LARGE
        native.init_index(max_elements=max(count, 1), ef_construction=effort, M=_LINKS, random_seed=0)
        if count:  # add_items rejects an empty batch
            native.add_items(vectors, np.asarray(keys), num_threads=1 if count < _LARGE else -1)
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
        index._file = None  # it lacks what comes now
        index._native.resize_index(max(index._native.get_current_count() + len(keys), 1))
        for removed, key in enumerate(removed_keys, start=1):
            try:
                index._native.mark_deleted(key)
            except RuntimeError as error:
                raise IndexDamaged(f"{base_folder} holds no vector {key}.", _REMEDY) from error
            index.count = count - removed
        if len(keys):  # add_items rejects an empty batch
            threads = 1 if len(keys) < _LARGE else -1
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
            _check_head(path, dim)
            native = hnswlib.Index(space=_SPACES[similarity], dim=dim)
            native.load_index(str(path))
            if native.get_current_count() < count:
                raise OSError("the file holds too few vectors")
        except (OSError, RuntimeError) as error:
            raise IndexDamaged(f"Cannot read the vectors in {folder}: {error}.", _REMEDY) from error
        index = cls(native, dim, count, similarity)
        index._file = VectorFile(path, dim)
        return index

    def save(self, folder: Path) -> None:
        """Write the index into the existing, empty ``folder``."""
        self._native.save_index(str(folder / FILE))

    def search(self, query: Vectors, k: int) -> Ranking:
        """Return at most ``k`` keys with their similarity to ``query``, of shape (dim,), nearest first."""
        k = min(k, self.count)
        while k:
            self._native.set_ef(max(_EF_SEARCH, k))  # hnswlib needs ef >= k
            try:
                keys, distances = self._native.knn_query(query, k=k, num_threads=1)
            except RuntimeError:  # among many equal vectors it does not reach all
                k //= 2
                continue
            return Ranking(keys[0].astype(np.int64), 1.0 - distances[0].astype(np.float64))
        return NOTHING

    def nearest_of(self, query: Vectors, keys: Keys, k: int) -> Ranking:
        """Return the ``k`` nearest of ``keys``, exactly: each is compared. They must be in the index."""
        values = self._stored(keys) @ (query if self.similarity == "dot" else _unit(query))
        best = np.argsort(-values, kind="stable")[:k]
        return Ranking(keys[best], values[best].astype(np.float64))

    def cosines(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Return the cosine in [-1, 1] of ``query`` with each of ``keys``, which must be in the index."""
        if not keys:
            return []
        stored = self._stored(np.asarray(keys, np.int64))
        lengths = np.linalg.norm(stored, axis=1)
        lengths[lengths == 0] = 1.0
        return [float(value) for value in (stored @ _unit(query)) / lengths]

    def _stored(self, keys: Keys) -> Vectors:
        if len(keys) <= _FEW or self._file is None:
            return np.asarray(self._native.get_items(keys.tolist()), np.float32).reshape(len(keys), self.dim)
        return self._file.read(keys)


def _unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / (float(np.linalg.norm(vector)) or 1.0), np.float32)


def _check_head(path: Path, dim: int) -> None:
    """Raise OSError unless the numbers that the file at ``path`` begins with are those of vectors of ``dim``.

    hnswlib believes them: it would read past the end of the file, take all the memory, or search for ever.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if len(head) < _HEAD:
        raise OSError("the file is too short")
    first, room, count, size, label, values, top, entry, links, most, least, *_ = _HEADER.unpack(head)
    layout = (first, values, label, size) == (0, 4 + 4 * most, values + 4 * dim, label + 8)
    graph = 2 <= links == least <= _MOST_LINKS and most == 2 * links
    begins = 0 <= top <= _MOST_LEVELS and entry < count if count else top == -1
    if not (layout and graph and begins and count <= room <= 2 * count + 1):
        raise OSError("it begins with numbers that cannot be")
    if path.stat().st_size < _HEAD + count * size:
        raise OSError("the file is too short")


class VectorFile:
    """The vectors in a file of hnswlib, read without copying all: its own ``get_items`` takes 25 us each.

    The file begins with 96 bytes of numbers; then comes, for each vector, its links, its values, its key.
    """

    def __init__(self, path: Path, dim: int) -> None:
        head = np.fromfile(path, np.uint64, 6)
        self._path = path
        self._count, self._size = int(head[2]), int(head[3])
        self._layout = np.dtype(
            {
                "names": ["vector", "key"],
                "formats": [(np.float32, (dim,)), np.uint64],
                "offsets": [int(head[5]), int(head[4])],
                "itemsize": self._size,
            }
        )
        self._order: Keys | None = None  # places of the vectors by key; read when first needed
        self._keys: Keys | None = None

    def read(self, keys: Keys) -> Vectors:
        """Return the vectors of ``keys``, which must be there, shape (len(keys), dim)."""
        if self._order is None or self._keys is None:
            unsorted = self._all_keys()
            self._order = np.argsort(unsorted, kind="stable")
            self._keys = unsorted[self._order]
        places = self._order[np.searchsorted(self._keys, keys)]
        table = np.memmap(self._path, self._layout, "r", _HEAD, (self._count,))
        return np.asarray(table["vector"][places])

    def _all_keys(self) -> Keys:
        found = []
        with self._path.open("rb") as file:  # block by block: mapped, all of it would count as our memory
            file.seek(_HEAD)
            for first in range(0, self._count, _BLOCK):
                count = min(_BLOCK, self._count - first)
                block = np.frombuffer(file.read(count * self._size), self._layout)
                found.append(block["key"].astype(np.int64))
        return np.concatenate([np.empty(0, np.int64), *found])
