"""The same documents and passages with the vectors of another embedder: a new version of a library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from core.cancel import CancelToken
from core.errors import LibraryMissing
from core.library.chunking import passage_text
from core.library.embedding import embed
from core.library.finishing import Base, Making, finish
from core.library.importing import batch_of
from core.library.shelf import Shelf
from core.library.staging import Plan, Staging, is_of
from core.library.storage import check_space, storing
from core.library.store import DocumentStore
from core.library.upgrade import upgrade_active
from core.library.versions import Change, Versions, read_manifest
from core.progress import Progress
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
    upgrade_active(versions, progress)
    active = versions.active()
    if active is None:
        raise LibraryMissing(f"There is no library in {versions.folder}.", "Choose another library.")
    base = Base(versions.path(active), read_manifest(versions.path(active)), same_documents=True)
    with storing(versions.folder):
        plan = Plan(_INPUT, active, embedder.fingerprint)
        versions.recover(lambda folder: is_of(folder, plan))
        check_space(versions.folder, sum(file.size for file in base.manifest.files))
        stage = Staging.open(versions.staging, base.folder, plan)
        try:
            stage.forget_vectors()
            _embed(stage, base, embedder, cancel, progress)
        finally:
            stage.close()
        name, making = base.manifest.name, Making.by(embedder)
        made = finish(versions, name, base, making, Change("reindex"), cancel, progress)
        versions.keep(made.version)
        stage.done()
    return made.version


def _embed(stage: Staging, base: Base, embedder: Embedder, cancel: CancelToken, progress: Progress) -> None:
    """Give every chunk a vector, in the order of keys, batch by batch; go on where that was interrupted."""
    state, total = stage.checkpoint, base.manifest.chunks
    with DocumentStore.open(base.folder) as store:
        done = total - store.chunks_after(state.key or 0)
        texts = ((key, passage_text(title, text)) for key, title, text in store.texts(state.key or 0))
        for batch in _batches(texts, batch_of(embedder)):
            cancel.check()
            state.key = batch[-1][0]
            made = embed(dict(batch), stage, embedder)
            stage.commit(made.keys, made.vectors)
            done += len(batch)
            progress("embed anew", done, total, "chunks")


def _batches(items: Iterable[tuple[int, str]], size: int) -> Iterator[list[tuple[int, str]]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
