"""A copy of a library under another name, such as of one that is shared and can only be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.cancel import CancelToken
from core.errors import InputUnreadable
from core.library.shelf import LibraryInfo, Shelf
from core.library.storage import check_space, copy_file, storing
from core.library.versions import Change, Versions, content_files, discard, new_version_id, write_manifest
from core.progress import Progress


def copy_library(shelf: Shelf, name: str, new: str, cancel: CancelToken, progress: Progress) -> LibraryInfo:
    """Make the user's own library ``new`` of the version of ``name`` in use, with its original files.

    Whole or not at all.

    Raises:
        LibraryMissing, IndexDamaged: there is nothing to copy.
        InputUnreadable: ``new`` is there already, or no name.
        PolicyForbids, LibraryBusy, StorageFull, Cancelled: nothing was made, and why.
    """
    folder, manifest = shelf.active_version(name)
    source, target = shelf.versions(name), shelf.versions(new)
    with shelf.lock(new), storing(shelf.folder):
        if new in shelf.names():
            raise InputUnreadable(f"There is a library named {new!r} already.", "Choose another name.")
        discard(target.folder)  # what a kill has left
        try:
            check_space(shelf.folder, sum(path.stat().st_size for path in content_files(folder)))
            target.staging.mkdir(parents=True)
            _copy(folder, source, target, cancel, progress)
            version = new_version_id()
            made = replace(manifest, name=new, version=version, parent=None, change=Change("copy"))
            write_manifest(target.staging, made)
            target.activate(version)
        except BaseException:
            discard(target.folder)
            raise
    return shelf.info(new)


def _copy(folder: Path, source: Versions, target: Versions, cancel: CancelToken, progress: Progress) -> None:
    pairs = [(path, target.staging / path.relative_to(folder)) for path in content_files(folder)]
    pairs += [(source.originals.path(each), target.originals.path(each)) for each in source.originals.names()]
    for number, (old, new) in enumerate(pairs):
        cancel.check()
        progress("Copying files", number, len(pairs), "files")
        new.parent.mkdir(parents=True, exist_ok=True)
        copy_file(old, new)
