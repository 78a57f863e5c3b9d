"""The same documents and passages with the vectors of another embedder: a new version of a library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from core.cancel import CancelToken
from core.errors import LibraryMissing
from core.library.finishing import finish
from core.library.importing import BATCH, Progress, passage_text
from core.library.shelf import Shelf
from core.library.staging import Plan, Staging
from core.library.storage import check_space, storing
from core.library.store import DocumentStore
from core.library.versions import Versions, read_manifest
from core.retrieval.embedder import Embedder

_INPUT = "the same documents"  # stands where an import has the fingerprint of its files


def reindex(shelf: Shelf, name: str, embedder: Embedder, cancel: CancelToken, progress: Progress) -> str:
    """Embed the library ``name`` anew and take it into use; return the new version.

    The version before is kept, see ``Versions.before``. After a kill or a cancel the next call goes on from
    the last batch.

    Raises:
        LibraryMissing: there is no such library.
        LibraryBusy: another process writes it.
        IndexDamaged: it is damaged.
        StorageFull: there is not enough room, or the folder cannot be written.
        Cancelled: ``cancel`` was set.
    """
    versions = shelf.versions(name)
    with shelf.lock(name):
        version = embed_anew(versions, embedder, cancel, progress)
        versions.switch(version)
        versions.prune()
    return version


def embed_anew(versions: Versions, embedder: Embedder, cancel: CancelToken, progress: Progress) -> str:
    """Make the version that ``reindex`` makes, without taking it into use. Needs the library's lock."""
    active = versions.active()
    if active is None:
        raise LibraryMissing(f"There is no library in {versions.folder}.", "Choose another library.")
    base, manifest = versions.path(active), read_manifest(versions.path(active))
    with storing(versions.folder):
        versions.recover()
        check_space(versions.folder, sum(file.size for file in manifest.files))
        plan = Plan(_INPUT, active, embedder.fingerprint)
        stage = Staging.open(versions.staging, base, plan)
        try:
            stage.drop_vectors()
            _embed(stage, base, manifest.chunks, embedder, cancel, progress)
        finally:
            stage.close()
        made = finish(versions, manifest.name, plan, embedder.dim, cancel, progress, words=base / "lexical")
        versions.keep(made.version)
    return made.version


def _embed(
    stage: Staging, base: Path, total: int, embedder: Embedder, cancel: CancelToken, progress: Progress
) -> None:
    """Give every chunk a vector, in the order of keys, batch by batch; go on where that was interrupted."""
    last = stage.last_vector()
    with DocumentStore.open(base) as store:
        texts = ((key, passage_text(title, text)) for key, title, text in store.texts())
        done = 0
        for batch in _batches(texts, BATCH):
            cancel.check()
            done += len(batch)
            if batch := [each for each in batch if each[0] > last]:
                batch.sort(key=lambda each: len(each[1]))  # texts of like length waste least padding
                stage.commit([key for key, _ in batch], embedder.encode([text for _, text in batch]))
            progress("embed anew", done, total, "chunks")


def _batches(items: Iterable[tuple[int, str]], size: int) -> Iterator[list[tuple[int, str]]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
