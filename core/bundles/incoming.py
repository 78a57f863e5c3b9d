"""Taking the files of a bundle out, into a folder of its own beside where they will be used; resumable."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from core.assets.receipt import file_sha256
from core.bundles.container import Opened, contents
from core.bundles.manifest import File
from core.cancel import CancelToken
from core.library.storage import check_space, flush, storing
from core.progress import Progress


def take_out(source: BinaryIO, bundle: Opened, folder: Path, cancel: CancelToken, progress: Progress) -> Path:
    """Write the content of ``bundle`` below ``folder`` and return where it lies, complete and checked.

    A file that an interrupted call has written whole is told by its hash and not written again. ``source``
    stands behind the signature, see ``open_bundle``.

    Raises:
        BundleRefused: the content is not what the manifest says; nothing of it can be used.
        StorageFull: there is not enough room.
        Cancelled: the next call goes on.
    """
    target = _target(bundle, folder)
    with storing(folder):
        check_space(folder, missing(bundle, folder))
        target.mkdir(parents=True, exist_ok=True)
        done = 0
        for file, blocks in contents(source, bundle.manifest):
            path = target / file.path
            kept = _fits(target, file) and file_sha256(path, cancel) == file.sha256
            path.parent.mkdir(parents=True, exist_ok=True)
            sink = None if kept else path.open("wb")
            try:
                for block in blocks:
                    cancel.check()
                    if sink is not None:
                        sink.write(block)
                    done += len(block)
                    progress("unpack", done, bundle.manifest.size, "bytes")
            finally:
                if sink is not None:
                    sink.close()
            if not kept:
                flush([path])
    return target


def missing(bundle: Opened, folder: Path) -> int:
    """Return how many bytes ``take_out`` would write."""
    target = _target(bundle, folder)
    return sum(file.size for file in bundle.manifest.files if not _fits(target, file))


def _target(bundle: Opened, folder: Path) -> Path:
    return folder / hashlib.sha256(bundle.encoded).hexdigest()[:16] / "content"


def _fits(target: Path, file: File) -> bool:
    """True if something of the size of ``file`` lies in its place already."""
    path = target / file.path
    return path.is_file() and not path.is_symlink() and path.stat().st_size == file.size
