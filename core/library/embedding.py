"""Vectors for the passages of a change, made beside the reading where a device of its own makes them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from core.library.staging import Staging
from core.retrieval.embedder import Embedder


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of passages.

    Attributes:
        keys: of their chunks.
        vectors: of shape (len(keys), dim).
        made: how many of them were not known before.
    """

    keys: list[int]
    vectors: NDArray[np.float32]
    made: int


NOTHING = Embedded([], np.empty((0, 0), np.float32), 0)


def embed(passages: Mapping[int, str], stage: Staging, embedder: Embedder) -> Embedded:
    """Return the vectors of ``passages``, by keys of chunks."""
    return _made(passages, stage.known(passages), embedder)


def _made(
    passages: Mapping[int, str], known: Mapping[int, NDArray[np.float32]], embedder: Embedder
) -> Embedded:
    # Texts of like length share a batch of the model, so that little is padded.
    keys = sorted(passages.keys() - known.keys(), key=lambda key: len(passages[key]))
    vectors = np.empty((0, embedder.dim), np.float32)
    if keys:
        vectors = embedder.encode([passages[key] for key in keys])
    if known:
        vectors = np.concatenate((vectors, np.stack(list(known.values()))))
    return Embedded([*keys, *known], vectors, len(keys))


class Embedding:
    """Takes batches of passages and gives their vectors: at once, or one batch later.

    Where the embedder leaves the processor alone, a thread waits for it, and the next batch is read in the
    meantime. On a CPU both would want the same cores, and a torch whose threads are disturbed gets slow.
    """

    def __init__(self, stage: Staging, embedder: Embedder) -> None:
        self._stage = stage
        self._embedder = embedder
        self._thread = ThreadPoolExecutor(1, "embedding")
        self._running: Future[Embedded] | None = None

    def __enter__(self) -> Embedding:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()

    @property
    def busy(self) -> bool:
        """True while there are vectors to come."""
        return self._running is not None

    def swap(self, passages: Mapping[int, str]) -> Embedded:
        """Hand over a batch; return the vectors of the one before if they are made beside, else of this."""
        if not self._embedder.beside:
            return embed(passages, self._stage, self._embedder)
        before = self.finish()
        if passages:
            known = self._stage.known(passages)
            self._running = self._thread.submit(_made, dict(passages), known, self._embedder)
        return before

    def finish(self) -> Embedded:
        """Return the vectors of the last batch, if they have not been given yet."""
        running, self._running = self._running, None
        return running.result() if running else NOTHING
