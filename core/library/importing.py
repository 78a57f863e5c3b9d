"""One import's way through the records: compare, merge, cut, embed and store, batch by batch.

What it tells on its way, as (step, done, total, unit), so that rates and the time left can be shown:

- ``("read", bytes, bytes in all, "bytes")``: how far the files are read, by their size on disk
- ``("records", records, None, "records")``: records that are done, whatever became of them
- ``("embed", passages, None, "passages")``: passages embedded in this attempt

and then ``"index words"``, ``"index records"``, ``"index vectors"`` and ``"check"``, as each begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from core.cancel import Cancelled, CancelToken
from core.library.chunking import chunk_spans
from core.library.embedding import Embedding
from core.library.inputs import Inputs
from core.library.merging import merge
from core.library.originals import Originals
from core.library.origins import Origins
from core.library.readers.formats import Format, Record
from core.library.readers.streams import READ_ERRORS, Position
from core.library.staging import Staging, Tally
from core.progress import Progress
from core.retrieval.embedder import Embedder
from core.types import Deletion, Document, FileReport, Rejected

# step, how much is done, of how much (None: unknown), and of what

# Chunks embedded and committed together, on a CPU. A kill loses at most so many: about 8 s of work on two
# cores; larger batches bring a CPU nothing.
BATCH = 256
_AHEAD = 64  # records, of this many characters at most, that are read before the first is taken
_AHEAD_SIZE = 1_000_000
_RECORDS = 2000  # records after which is committed even if there was nothing to embed


def batch_of(embedder: Embedder) -> int:
    """Return how many passages to embed and commit together: several times what the device takes at once."""
    return max(BATCH, 4 * embedder.batch)


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from and go: a file's place among the inputs, its number, and the group to be in."""

    place: int
    file: int
    collection: str


class Importing:
    """Feeds records into a staged version, from where an earlier attempt stopped."""

    def __init__(
        self,
        stage: Staging,
        embedder: Embedder,
        originals: Originals,
        cancel: CancelToken,
        progress: Progress,
        batch: int | None = None,
    ) -> None:
        self._stage = stage
        self._editor = stage.editor
        self._origins = Origins(stage)
        self._embedding = Embedding(stage, embedder)
        self._originals = originals
        self._cancel = cancel
        self._progress = progress
        self._batch = batch or batch_of(embedder)
        self._embedded = 0
        self._uncommitted = 0
        self._before, self._whole = 0, 0  # bytes of the files that are done, and of all
        self._position = Position()

    def run(self, inputs: Inputs, collection: str = "") -> None:
        """Take all records of ``inputs``. Raises Cancelled; what was committed by then stays."""
        state = self._stage.checkpoint
        if not state.tallies:
            state.tallies = [Tally() for _ in inputs.sources]
            for rejected in inputs.rejected:
                self._stage.reject(rejected)
        self._editor.waiting.update(self._stage.lacking())
        with self._embedding:
            try:
                self._read_all(inputs, collection)
            except Cancelled:
                self._stage.undo()  # what came after the last commit; the vectors of what came before stay
                made = self._embedding.finish()
                self._stage.commit(made.keys, made.vectors, self._stage.lacking().keys() - made.keys)
                raise

    def _read_all(self, inputs: Inputs, collection: str) -> None:
        sizes = [path.stat().st_size for path, _ in inputs.sources]
        self._whole = sum(sizes)
        for place, (path, format_) in enumerate(inputs.sources):
            self._before, self._position = sum(sizes[:place]), Position()
            if place >= self._stage.checkpoint.file:
                self._read(place, path, format_, collection)
        self._before, self._position = self._whole, Position()
        self._commit()
        if self._embedding.busy:
            self._commit()

    def _read(self, place: int, path: Path, format_: Format, collection: str) -> None:
        """Take the records of one file, but for those that are done."""
        state = self._stage.checkpoint
        if not state.record:
            self._origins.begin(path)
        source = Source(place, self._origins.number(path), collection)
        records = _records(path, format_, self._position)
        for _ in islice(records, state.record):  # which are done
            self._cancel.check()
        self._tell_position()
        for record in records:
            self._cancel.check()
            self._take(record, source)
            state.record += 1
            self._uncommitted += 1
            if len(self._editor.waiting) >= self._batch or self._uncommitted >= _RECORDS:
                self._commit()
        state.file, state.record = place + 1, 0

    def _take(self, record: Record, source: Source) -> None:
        tally = self._stage.checkpoint.tallies[source.place]
        match record:
            case Rejected():
                self._stage.reject(record)
                tally.failed += 1
            case Deletion():
                if self._delete(record.pmid):
                    tally.deleted += 1
                else:  # it is as the record wants it
                    tally.duplicates += 1
            case Document():
                outcome = self._store(record, source)
                setattr(tally, outcome, getattr(tally, outcome) + 1)

    def _delete(self, pmid: str) -> bool:
        numbers = self._editor.of_pmid(pmid)
        for number in numbers:
            self._editor.delete(number)
        return bool(numbers)

    def _store(self, document: Document, source: Source) -> str:
        """Store ``document``, or what it makes together with those that are the same publication."""
        if document.original:
            document = replace(document, original=self._originals.keep(Path(document.original)))
        if source.collection:
            document = replace(document, collections=(source.collection,))
        merged, numbers, before = document, list[int](), list[Document]()
        while found := self._editor.match(merged, numbers):
            number, stored = found
            merged = self._merged(number, stored, merged, source)
            numbers.append(number)
            before.append(stored)
        if not numbers:
            number = self._editor.insert(document, chunk_spans(document))
            self._origins.note_new(number, source.file)
            return "added"
        self._update(numbers, before[0], merged)
        self._origins.note(numbers[0], source.file)
        return "duplicates" if merged.id == before[0].id and len(numbers) == 1 else "updated"

    def _merged(self, number: int, stored: Document, new: Document, source: Source) -> Document:
        """A file that is read again has the last word on what only it has brought."""
        if self._origins.is_only(number, source.file):
            collections = tuple(dict.fromkeys((*stored.collections, *new.collections)))
            return replace(new, sources=stored.sources, collections=collections)
        return merge(stored, new)

    def _update(self, numbers: list[int], stored: Document, merged: Document) -> None:
        first, *others = numbers
        for number in others:  # told apart so far, and by this record known to be one
            self._origins.move(number, first)
            self._editor.delete(number)
        if (merged.title, merged.text, merged.pages) != (stored.title, stored.text, stored.pages):
            self._editor.replace(first, merged, chunk_spans(merged))
        elif merged != stored:
            self._editor.describe(first, merged)

    def _commit(self) -> None:
        """Commit the documents since the last time, and what vectors there are by now."""
        waiting = self._editor.waiting
        made = self._embedding.swap(waiting)
        self._stage.commit(made.keys, made.vectors, lacking=waiting.keys() - made.keys)
        waiting.clear()
        self._uncommitted = 0
        self._embedded += made.made
        self._progress("records", self._stage.checkpoint.records, None, "records")
        self._progress("embed", self._embedded, None, "passages")
        self._tell_position()

    def _tell_position(self) -> None:
        self._progress("read", self._before + self._position.bytes, self._whole, "bytes")


def file_reports(inputs: Inputs, stage: Staging) -> tuple[FileReport, ...]:
    """Return what became of the records of each file, those that could not be read at all included."""
    read = (
        FileReport(
            str(path), format_.name, tally.added, tally.updated, tally.duplicates, tally.deleted, tally.failed
        )
        for (path, format_), tally in zip(inputs.sources, stage.checkpoint.tallies, strict=True)
    )
    return (*read, *(FileReport(rejected.file, "", 0, 0, 0, 0, 1) for rejected in inputs.rejected))


def _records(path: Path, format_: Format, position: Position) -> Iterator[Record]:
    """Yield all records of a file; one that fails on the way ends with a rejection."""
    try:
        yield from _ahead(format_.follow(path, position)) if format_.follow else format_.read(path)
    except READ_ERRORS as error:
        yield Rejected(str(path), 0, f"the file could be read only in part: {error}")


def _ahead(records: Iterator[Record]) -> Iterator[Record]:
    """Yield ``records``, some read at once: code and data stay in the processor's caches: 10 % less."""
    held: list[Record] = []
    size = 0
    try:
        for record in records:
            held.append(record)
            size += len(record.text) if isinstance(record, Document) else 0
            if len(held) >= _AHEAD or size > _AHEAD_SIZE:
                yield from held
                held, size = [], 0
    except READ_ERRORS:
        yield from held
        raise
    yield from held
