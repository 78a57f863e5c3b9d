"""Whether a version is what its manifest says, and fits together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from core.errors import IndexDamaged
from core.library.originals import Originals
from core.library.records import content_id
from core.library.store import DocumentStore
from core.library.versions import Manifest, content_files, file_entry
from core.retrieval.encoding import rules_from
from core.types import Chunk, Document

_SAMPLE = 20  # passages that are searched for
_NEAREST = 100  # of what is found, a passage has to be among
_LONGEST = 30  # letters of a word that the index of words certainly has
_WORDS = 4  # of a passage that it is searched by, the longest


def file_problems(folder: Path, manifest: Manifest) -> list[str]:
    """Compare every file of the version with its size and hash."""
    found = []
    for entry in manifest.files:
        path = folder / entry.path
        try:
            if file_entry(path, folder) != entry:
                found.append(f"{entry.path} has changed since it was written.")
        except OSError as error:
            found.append(f"{entry.path} cannot be read: {error.strerror}.")
    known = {entry.path for entry in manifest.files}
    names = (path.relative_to(folder).as_posix() for path in content_files(folder))
    return found + [f"{name} does not belong to the version." for name in names if name not in known]


def content_problems(folder: Path, manifest: Manifest) -> list[str]:
    """Check that documents, chunks, vectors and indexes fit together, and that passages are found."""
    checks: tuple[Callable[[Path, Manifest], Iterator[str]], ...] = (
        _database,
        _dense,
        _lexical,
        _records,
        _findable,
    )
    return [problem for check in checks for problem in _guarded(check, folder, manifest)]


def index_problems(folder: Path, manifest: Manifest) -> list[str]:
    """Check that the indexes open and hold as much as the manifest says."""
    return [
        problem for check in (_dense, _lexical, _records) for problem in _guarded(check, folder, manifest)
    ]


def original_problems(folder: Path, kept: Originals) -> list[str]:
    """Check that the original file of each document is there and what it was; the hash is its name."""
    found = []
    try:
        names = originals(folder)
    except IndexDamaged:  # told by the other checks
        return []
    for name in names:
        path = kept.path(name)
        if not path.is_file():
            found.append(f"The file {name} is missing.")
        elif file_entry(path, kept.folder).sha256 != path.stem:
            found.append(f"The file {name} has changed since it was kept.")
    return found


def originals(folder: Path) -> list[str]:
    """Return the names of the original files that documents of the version have."""
    with DocumentStore.open(folder) as store:
        return store.originals()


def _guarded(
    check: Callable[[Path, Manifest], Iterator[str]], folder: Path, manifest: Manifest
) -> Iterator[str]:
    try:
        yield from check(folder, manifest)
    except IndexDamaged as error:
        yield str(error)


def _database(folder: Path, manifest: Manifest) -> Iterator[str]:
    with DocumentStore.open(folder) as store:
        yield from (f"The database is damaged: {problem}." for problem in store.problems())
        if store.counts() != (manifest.documents, manifest.chunks):
            yield f"The manifest counts {manifest.documents} documents and {manifest.chunks} chunks; " + (
                "the database holds {} and {}.".format(*store.counts())
            )
        for _, document in store.numbered():
            if content_id(document) != document.id:
                yield f"Document {document.id} is not what it was when it came in."
            chunks = store.chunks_of(document.id)
            if not chunks or not all(_fits(chunk, document) for chunk in chunks):
                yield f"The chunks of document {document.id} do not fit its text."
        store.all_vectors(manifest.dim)


def _fits(chunk: Chunk, document: Document) -> bool:
    inside = 0 <= chunk.start < chunk.end <= len(document.text)
    return inside and chunk.text == document.text[chunk.start : chunk.end]


def _findable(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Search for some passages by their own vectors and by their longest words."""
    from core.retrieval.dense import DenseIndex
    from core.retrieval.lexical import LexicalIndex, content_words

    similarity = rules_from(manifest.encoding).similarity
    dense = DenseIndex.load(folder / "dense", manifest.dim, manifest.chunks, similarity)
    lexical = LexicalIndex.load(folder / "lexical")
    with DocumentStore.open(folder) as store:
        for key, vector, text in store.sample(_SAMPLE):
            if not _finds(dense.search(vector, _NEAREST), key, exact=similarity == "cosine"):
                yield f"Passage {key} is not found by its own vector."
            words = sorted((word for word in content_words(text) if len(word) <= _LONGEST), key=len)
            words = words[-_WORDS:]
            if words and not _finds(lexical.search(" ".join(words), _NEAREST), key, exact=False):
                yield f"Passage {key} is not found by its words {' '.join(words)}."


def _finds(found: Iterable[tuple[int, float]], key: int, exact: bool) -> bool:
    """True if ``key`` is among ``found``, or a full list of others is as good: equal passages are many.

    In 16 bits equal passages get vectors that are equal to some decimals.
    """
    keys = dict(iter(found))
    return key in keys or (len(keys) == _NEAREST and (not exact or min(keys.values()) > 0.999))


def _dense(folder: Path, manifest: Manifest) -> Iterator[str]:
    from core.retrieval.dense import DenseIndex

    similarity = rules_from(manifest.encoding).similarity
    deleted = DenseIndex.load(folder / "dense", manifest.dim, manifest.chunks, similarity).deleted
    if deleted != manifest.stale:
        yield f"The index of vectors holds {deleted} deleted ones, not {manifest.stale}."


def _lexical(folder: Path, manifest: Manifest) -> Iterator[str]:
    from core.retrieval.lexical import LexicalIndex

    count = LexicalIndex.load(folder / "lexical").count
    if count != manifest.chunks:
        yield f"The word index holds {count} chunks, not {manifest.chunks}."


def _records(folder: Path, manifest: Manifest) -> Iterator[str]:
    from core.retrieval.records import RecordsIndex

    count = RecordsIndex.load(folder / "records").count
    if count != manifest.documents:
        yield f"The index of records holds {count} documents, not {manifest.documents}."
