"""Taking the files of a bundle out, into a folder of its own beside where they will be used; resumable."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.bundles.container import Opened, contents
from core.bundles.manifest import File
from core.cancel import CancelToken
from core.library.storage import check_space, flush, storing

Progress = Callable[[str, int, int | None, str], None]
DONE = "done.json"


def take_out(source: BinaryIO, bundle: Opened, folder: Path, cancel: CancelToken, progress: Progress) -> Path:
    """Write the content of ``bundle`` below ``folder`` and return where it lies, complete and checked.

    What an interrupted call has finished is checked by its hash and not written again. ``source`` stands
    behind the signature, see ``open_bundle``.

    Raises:
        BundleRefused: the content is not what the manifest says; nothing of it can be used.
        StorageFull: there is not enough room.
        Cancelled: the next call goes on.
    """
    identity = hashlib.sha256(bundle.encoded).hexdigest()[:16]
    target, state = folder / identity / "content", folder / identity / DONE
    with storing(folder):
        finished = _finished(state)
        left = sum(file.size for file in bundle.manifest.files if finished.get(file.path) != file.sha256)
        check_space(folder, left)
        target.mkdir(parents=True, exist_ok=True)
        done = 0
        for file, blocks in contents(source, bundle.manifest):
            path = target / file.path
            kept = finished.get(file.path) == file.sha256 and _is(path, file, cancel)
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
                finished[file.path] = file.sha256
                _note(state, finished)
    return target


def clear(folder: Path) -> None:
    """Delete what interrupted installations have left in ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)


def _is(path: Path, file: File, cancel: CancelToken) -> bool:
    """True if ``path`` is exactly ``file``."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size != file.size:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(1024 * 1024):
            cancel.check()
            digest.update(block)
    return digest.hexdigest() == file.sha256


def _finished(state: Path) -> dict[str, str]:
    try:
        found = json.loads(state.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _note(state: Path, finished: dict[str, str]) -> None:
    aside = state.with_suffix(".new")
    aside.write_text(json.dumps(finished), "utf-8")
    aside.replace(state)
