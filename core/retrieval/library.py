"""One version of a library, opened: its documents, its three indexes, and what of it counts for a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.library.retractions import Retractions
from core.library.store import DocumentStore
from core.library.versions import Manifest
from core.retrieval.dense import DenseIndex
from core.retrieval.encoding import EncodingRules, rules_from
from core.retrieval.fusion import NOTHING, Keys, Ranking
from core.retrieval.lexical import LexicalIndex
from core.retrieval.query import Query, Term
from core.retrieval.records import Numbers, RecordsIndex
from core.types import LibraryRef

_FEW_DOCUMENTS = _FEW = 12_000  # documents, chunks: up to so many are looked at one by one, in 10 ms
_REMEMBERED = 8  # selections kept for the next search
_AHEAD = 4  # how many times more candidates to fetch at first, at most, when some do not count
_RETRACTED = Term("notice", "retracted", "whole")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many candidates a search should give: ``depth``, but ``least`` will do where many do not count."""

    depth: int
    least: int


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of a library that counts.

    Attributes:
        numbers: its documents, ascending; None for all but those that the next one belongs to.
        dropped: keys of chunks that do not count, ascending, when ``numbers`` is None.
        keys: its chunks, ascending, if they are few; else None.
        share: of the documents, in (0, 1]; about.
    """

    numbers: Numbers | None
    dropped: Keys
    keys: Keys | None
    share: float


class OpenLibrary:
    """A finished version, opened for reading by ``open_library``; it never changes."""

    def __init__(
        self,
        ref: LibraryRef,
        rules: EncodingRules,
        store: DocumentStore,
        dense: DenseIndex,
        lexical: LexicalIndex,
        records: RecordsIndex,
        retractions: Retractions,
    ) -> None:
        self.ref = ref
        self.rules = rules
        self.store = store
        self.dense = dense
        self.lexical = lexical
        self.records = records
        listed = records.identified(pmid=retractions.pmids, doi=retractions.dois, pmcid=retractions.pmcids)
        self.listed = frozenset(document.id for document in store.with_numbers(listed).values())
        self.retracted = np.union1d(records.numbers(_RETRACTED), listed)  # numbers of documents
        self._owners: Numbers | None = None  # of each key; read when first needed, in a second a million
        self._selections: dict[tuple[Query | None, bool], Selection] = {}

    def select(self, condition: Query | None, retracted: bool) -> Selection:
        """Return the part that meets ``condition``, less what is retracted unless that counts too."""
        if (key := (condition, retracted)) not in self._selections:
            while len(self._selections) >= _REMEMBERED:
                del self._selections[next(iter(self._selections))]
            self._selections[key] = self._select(condition, retracted)
        return self._selections[key]

    def numbers(self, condition: Query | None, retracted: bool) -> Numbers:
        """Return the documents that meet ``condition``, less what is retracted unless that counts too."""
        found = self.records.numbers(condition)
        return found if retracted else np.setdiff1d(found, self.retracted, assume_unique=True)

    def by_words(self, query: str, wanted: Wanted, selection: Selection) -> Ranking:
        """Return the best chunks that count by BM25, as many as ``wanted`` or all that are found."""
        depth = wanted.depth
        if selection.keys is not None:
            return self.lexical.search(query, depth, selection.keys) if len(selection.keys) else NOTHING
        return self._counting(lambda k: self.lexical.search(query, k), wanted, selection)

    def by_vector(self, vector: NDArray[np.float32], wanted: Wanted, selection: Selection) -> Ranking:
        """Return the nearest chunks that count, as many as ``wanted`` or all that are found."""
        if selection.keys is not None:
            return self.dense.nearest_of(vector, selection.keys, wanted.depth)
        return self._counting(lambda k: self.dense.search(vector, k), wanted, selection)

    def close(self) -> None:
        """Give the files back."""
        self.store.close()

    def _select(self, condition: Query | None, retracted: bool) -> Selection:
        nothing = np.empty(0, np.int64)
        if condition is None:
            dropped = nothing if retracted else self.store.keys_of(self.retracted)
            return Selection(None, dropped, None, 1.0)
        numbers = self.numbers(condition, retracted)
        keys = self.store.keys_of(numbers) if len(numbers) <= _FEW_DOCUMENTS else None
        few = keys is not None and len(keys) <= _FEW
        if not few and self._owners is None:  # now: the two searches may run at once, the database may not
            self._owners = self.store.owners()
        share = max(len(numbers), 1) / max(self.records.count, 1)
        return Selection(numbers, nothing, keys if few else None, share)

    def _counting(self, search: Callable[[int], Ranking], wanted: Wanted, selection: Selection) -> Ranking:
        """Search deeper and deeper until enough chunks that count are found, or there are no more."""
        depth = wanted.depth
        fetched = depth + min(len(selection.dropped), depth)
        if selection.numbers is not None:
            fetched = int(depth * min(1 / selection.share, _AHEAD))
        while True:
            found = search(fetched)
            counted = found.kept(self._counts(found.keys, selection))
            if len(counted) >= min(wanted.least, depth) or len(found) < fetched:
                return Ranking(counted.keys[:depth], counted.scores[:depth])
            fetched *= 2

    def _counts(self, keys: Keys, selection: Selection) -> NDArray[np.bool_]:
        if selection.numbers is None:
            return ~np.isin(keys, selection.dropped) if len(selection.dropped) else np.ones(len(keys), bool)
        assert self._owners is not None  # read with the selection
        owners = self._owners[keys]
        places = np.minimum(np.searchsorted(selection.numbers, owners), len(selection.numbers) - 1)
        return np.asarray(selection.numbers[places] == owners)


def open_library(folder: Path, name: str, manifest: Manifest, retractions: Retractions) -> OpenLibrary:
    """Open the version in ``folder``; raise IndexDamaged if it cannot be read."""
    rules = rules_from(manifest.encoding)
    return OpenLibrary(
        LibraryRef(name, manifest.version),
        rules,
        DocumentStore.open(folder),
        DenseIndex.load(folder / "dense", manifest.dim, manifest.chunks, rules.similarity),
        LexicalIndex.load(folder / "lexical"),
        RecordsIndex.load(folder / "records"),
        retractions,
    )
