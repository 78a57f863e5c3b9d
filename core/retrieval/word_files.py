"""Opening the files of tantivy for reading only.

tantivy wants to make lock files beside what it opens, which fails where nothing can be written, such as on a
share or among the installed program. A finished version never changes and needs no lock: it is opened by way
of a folder of links, which can go again as soon as the files are open.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import IndexDamaged
from core.library.schema import REMEDY

_TRIES, _PAUSE_S = 50, 0.005


class Searcher:
    """tantivy's searcher; what it finds wrong with its files is told as ``IndexDamaged``."""

    def __init__(self, native: Any) -> None:
        self._native = native
        self.num_docs = int(native.num_docs)

    def search(self, *arguments: Any, **options: Any) -> Any:
        """See tantivy's ``Searcher.search``."""
        with _damage_told():
            return self._native.search(*arguments, **options)

    def aggregate(self, *arguments: Any) -> Any:
        """See tantivy's ``Searcher.aggregate``."""
        with _damage_told():
            return self._native.aggregate(*arguments)

    def fast_field_values(self, *arguments: Any) -> Any:
        """See tantivy's ``Searcher.fast_field_values``; every document has the fields that we ask for."""
        with _damage_told():
            values = self._native.fast_field_values(*arguments)
            if None in values:
                raise ValueError("a document lacks its number")
            return values


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if isinstance(error, ValueError) or _panicked(error):
            raise IndexDamaged("The index of words of this library is damaged.", REMEDY) from error
        raise


@contextmanager
def opening(what: str, folder: Path) -> Iterator[None]:
    """Tell whatever tantivy raises at opening ``what`` in ``folder`` as ``IndexDamaged``."""
    try:
        yield
    except BaseException as error:  # tantivy raises ValueError, OSError or its own panic class
        if not isinstance(error, Exception) and not _panicked(error):
            raise
        raise IndexDamaged(
            f"Cannot read the {what} in {folder}: {error}.",
            "Add the library's files again to rebuild it.",
        ) from error


def _panicked(error: BaseException) -> bool:
    """True for a panic in Rust, which is no Exception, and whose class cannot be imported."""
    return type(error).__name__ == "PanicException"


def open_files(folder: Path) -> Any:
    """Return the tantivy index in ``folder``, in which nothing is written.

    Windows may refuse links: there it is opened in place, and from a copy where that fails. Raises whatever
    tantivy raises for what it cannot read: ValueError, OSError or its own panic class.
    """
    import tantivy

    if os.name == "nt":
        try:
            return tantivy.Index.open(str(folder))
        except ValueError as error:
            if "Lockfile" not in str(error):
                raise
        aside = Path(tempfile.mkdtemp(prefix="vademecum-"))  # open until the process ends, so it stays
        shutil.copytree(folder, aside, dirs_exist_ok=True)
        return tantivy.Index.open(str(aside))
    links = Path(tempfile.mkdtemp(prefix="vademecum-"))
    try:
        for path in folder.iterdir():
            if not path.name.endswith(".lock"):
                (links / path.name).symlink_to(path.resolve())
        return tantivy.Index.open(str(links))
    finally:
        _delete(links)


def _delete(links: Path) -> None:
    """Delete the links, again where a thread of tantivy has just locked the folder."""
    for _ in range(_TRIES):
        shutil.rmtree(links, ignore_errors=True)
        if not links.exists():
            return
        time.sleep(_PAUSE_S)


def open_to_write(folder: Path) -> Any:
    """Return the tantivy index in ``folder``, to be changed. Raises as ``open_files``."""
    import tantivy

    return tantivy.Index.open(str(folder))
