"""One import's way through the records: compare, cut, embed and store, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from core.cancel import CancelToken
from core.library.chunking import chunk_spans
from core.library.inputs import Inputs, records
from core.library.staging import Outcome, Staging
from core.retrieval.embedder import Embedder
from core.types import Document, Rejected

# step ("read", "index words", ...), how much is done, of how much (None: unknown), and of what
Progress = Callable[[str, int, int | None, str], None]

# Chunks embedded and committed together. A kill loses at most so many: about 8 s of work on two cores; larger
# batches bring a CPU nothing.
BATCH = 256
_RECORDS = 2000  # records after which is committed even if there was nothing to embed


class Importing:
    """Feeds records into a staged version.

    Attributes:
        counts: records by outcome.
        rejected: records that could not be taken, with the reason.
    """

    def __init__(
        self,
        stage: Staging,
        embedder: Embedder,
        cancel: CancelToken,
        progress: Progress,
        batch: int = BATCH,
    ) -> None:
        self.counts: Counter[Outcome] = Counter()
        self.rejected: list[Rejected] = []
        self._stage = stage
        self._embedder = embedder
        self._cancel = cancel
        self._progress = progress
        self._batch = batch
        self._pending: dict[int, str] = {}  # chunk key -> text to embed
        self._uncommitted = 0

    def run(self, inputs: Inputs) -> None:
        """Take all records of ``inputs``. Raises Cancelled; what was committed by then stays."""
        for record in records(inputs):
            self._cancel.check()
            if isinstance(record, Rejected):
                self.rejected.append(record)
                continue
            self.counts[self._take(record)] += 1
            self._uncommitted += 1
            if len(self._pending) >= self._batch or self._uncommitted >= _RECORDS:
                self._commit()
        self._commit()

    def _take(self, document: Document) -> Outcome:
        """Store ``document`` unless it is there already."""
        if earlier := self._stage.recall(document.id):
            return earlier
        outcome: Outcome = "duplicate"
        if not self._stage.holds(document.id):
            older = self._stage.older(document)
            outcome = "added" if older is None else "updated"
            if older is not None:
                for key in self._stage.delete(older):
                    self._pending.pop(key, None)
            self._insert(document)
        self._stage.remember(document.id, outcome)
        return outcome

    def _insert(self, document: Document) -> None:
        spans = chunk_spans(document)
        for key, span in zip(self._stage.insert(document, spans), spans, strict=True):
            self._pending[key] = passage_text(document.title, document.text[span.start : span.end])

    def _commit(self) -> None:
        """Embed what waits, and commit it together with its documents."""
        # Texts of like length share a batch of the model, so that little is padded.
        keys = sorted(self._pending, key=lambda key: len(self._pending[key]))
        vectors = np.empty((0, self._embedder.dim), np.float32)
        if keys:
            vectors = self._embedder.encode([self._pending[key] for key in keys])
        self._stage.commit(keys, vectors)
        self._pending.clear()
        self._uncommitted = 0
        self._progress("read", self.counts.total() + len(self.rejected), None, "records")


def passage_text(title: str, text: str) -> str:
    """Return what is embedded for a chunk: its document's title says what it is about."""
    return text if text == title else f"{title}\n{text}".strip()
