"""Reading libraries for the window: what there is, and single documents."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.errors import AppError, LibraryMissing
from core.types import Document, DocumentRef, LibraryRef

if TYPE_CHECKING:
    from core.library.reports import SavedReport
    from core.library.retractions import ImportedList, Retractions
    from core.library.shelf import LibraryInfo, Shelf


class Libraries(Protocol):
    """What the window wants to know about libraries."""

    def names(self) -> Sequence[str]:
        """Return the names of all libraries."""
        ...

    def info(self, name: str) -> LibraryInfo:
        """Return what is known about one library; raise AppError when it is damaged."""
        ...

    def before(self, name: str) -> LibraryInfo | None:
        """Return what is known about the version before the last import; None if it cannot be undone."""
        ...

    def revert(self, name: str) -> LibraryInfo:
        """Take the version before the last import into use; raise AppError when there is none."""
        ...

    def use(self, name: str, version: str) -> None:
        """Take the version that ``revert`` left into use; raise AppError when it is not kept any more."""
        ...

    def document(self, library: LibraryRef, document: str) -> Document | None:
        """Return a document as it was in that version, or as it is now, or None when it is gone."""
        ...

    def original(self, library: LibraryRef, document: Document) -> Path | None:
        """Return the PDF that a document was read from, if the library keeps it."""
        ...

    def page(self, name: str, offset: int, limit: int) -> Sequence[Document]:
        """Return some documents of the active version, in their stored order."""
        ...

    def retraction_lists(self) -> Sequence[ImportedList]:
        """Return the lists of retractions that were imported."""
        ...

    def history(self, name: str) -> Sequence[LibraryInfo]:
        """Return what is known about the versions that are kept, the newest first."""
        ...

    def rollback(self, name: str, version: str) -> LibraryInfo:
        """Take any version that is kept into use; raise AppError when that cannot be."""
        ...

    def reports(self, name: str) -> Sequence[SavedReport]:
        """Return the reports of the last imports, the latest first."""
        ...


class ShelfLibraries:
    """The libraries of a shelf, opened for each question: their files may change at any time.

    ``retractions`` is the folder of the imported lists; documents on them are marked.
    """

    def __init__(self, shelf: Shelf, retractions: Path | None = None) -> None:
        self._shelf = shelf
        self._lists = retractions
        self._listed: tuple[object, Retractions] | None = None  # as of which state of the folder

    def names(self) -> Sequence[str]:
        return self._shelf.names()

    def info(self, name: str) -> LibraryInfo:
        return self._shelf.info(name)

    def before(self, name: str) -> LibraryInfo | None:
        return self._shelf.before(name)

    def revert(self, name: str) -> LibraryInfo:
        return self._shelf.revert(name)

    def use(self, name: str, version: str) -> None:
        self._shelf.use(name, version)

    def document(self, library: LibraryRef, document: str) -> Document | None:
        try:
            folder, _ = self._shelf.active_version(library.name)
        except LibraryMissing:
            return None
        from core.library.store import DocumentStore

        # A document's id is the hash of its content: found under this id, it is the one that was cited.
        with closing(DocumentStore.open(folder)) as store:
            return store.document(document)

    def page(self, name: str, offset: int, limit: int) -> Sequence[Document]:
        from core.library.store import DocumentStore

        folder, _ = self._shelf.active_version(name)
        with closing(DocumentStore.open(folder)) as store:
            found = store.documents(offset, limit)
        listed = self._retractions()
        return [replace(one, retracted=one.retracted or listed.name(one)) for one in found]

    def retraction_lists(self) -> Sequence[ImportedList]:
        from core.library.retractions import imported_lists

        return imported_lists(self._lists) if self._lists else ()

    def _retractions(self) -> Retractions:
        from core.library.retractions import Retractions, read_lists, state_of

        if self._lists is None:
            return Retractions()
        state = state_of(self._lists)
        if self._listed is None or self._listed[0] != state:
            self._listed = state, read_lists(self._lists)
        return self._listed[1]

    def original(self, library: LibraryRef, document: Document) -> Path | None:
        if not document.original:
            return None
        path = self._shelf.versions(library.name).originals.path(document.original)
        return path if path.is_file() else None

    def history(self, name: str) -> Sequence[LibraryInfo]:
        return self._shelf.history(name)

    def rollback(self, name: str, version: str) -> LibraryInfo:
        return self._shelf.rollback(name, version)

    def reports(self, name: str) -> Sequence[SavedReport]:
        return self._shelf.versions(name).reports.all()


def found_document(
    libraries: Libraries, document: DocumentRef, library: LibraryRef | str | None
) -> tuple[Document | None, Path | None]:
    """Return a document and its PDF; None where there is no such library or file, or no reading it."""
    if not library:
        return None, None
    ref = LibraryRef(library, "") if isinstance(library, str) else library
    try:
        found = libraries.document(ref, document.id)
        return found, libraries.original(ref, found) if found else None
    except AppError:
        return None, None
