"""Reading libraries for the window: what there is, and single documents."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from core.errors import AppError, LibraryMissing
from core.types import Document, LibraryRef

if TYPE_CHECKING:
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

    def page(self, name: str, offset: int, limit: int) -> Sequence[Document]:
        """Return some documents of the active version, in their stored order."""
        ...


class ShelfLibraries:
    """The libraries under one folder, opened for each question: their files may change at any time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

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
            return store.documents(offset, limit)


def document_or_none(libraries: Libraries, library: LibraryRef | None, document: str) -> Document | None:
    """Return the document, or None when there is no such library any more or it cannot be read."""
    if library is None:
        return None
    try:
        return libraries.document(library, document)
    except AppError:
        return None
