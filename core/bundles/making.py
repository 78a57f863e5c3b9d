"""Making a bundle from what is installed."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.assets.receipt import file_sha256
from core.bundles import container, manifest
from core.bundles.manifest import File, Kind, Manifest
from core.bundles.parts import PartsWriter
from core.bundles.signing import key_id
from core.cancel import CancelToken
from core.errors import InputUnreadable
from core.library.storage import storing
from core.progress import Progress

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_READ = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Label:
    """What the maker says of a bundle; see ``Manifest``."""

    kind: Kind
    name: str
    version: str
    licence: str
    parents: tuple[str, ...] = ()
    needs: str = "0.1.0"
    about: str = ""


def create(
    target: Path,
    label: Label,
    files: Sequence[tuple[str, Path]],
    key: Ed25519PrivateKey | None,
    largest_part: int | None,
    cancel: CancelToken,
    progress: Progress,
) -> Manifest:
    """Write ``files`` (path in the bundle, path here) to ``target``, in parts if ``largest_part`` is given.

    Raises:
        InputUnreadable: there is nothing to put in, a file cannot be read, or ``target`` exists.
        BundleRefused: a file or name must not be in a bundle of this kind.
        StorageFull: ``target`` cannot be written.
        Cancelled: nothing of it stays.
    """
    if not files:
        raise InputUnreadable("There is nothing to put into the bundle.", "Name something that is installed.")
    total = sum(path.stat().st_size for _, path in files)
    listed = [_entry(name, path, total, cancel, progress) for name, path in files]
    made = Manifest(
        format=manifest.FORMAT,
        kind=label.kind,
        name=label.name,
        version=label.version,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        parents=label.parents,
        licence=label.licence,
        needs=label.needs,
        signer=key_id(key.public_key()) if key else "",
        about=label.about,
        files=tuple(listed),
    )
    manifest.check(made)
    encoded = manifest.encode(made)
    signature = key.sign(encoded) if key else b""
    done = 0

    def written(count: int) -> None:
        nonlocal done
        done += count
        progress("write", done, total, "bytes")

    pairs = [(entry, path) for entry, (_, path) in zip(listed, files, strict=True)]
    with storing(target.parent), _fresh(target, largest_part) as file:
        container.write(file, encoded, signature, pairs, cancel, written)
    return made


def _entry(name: str, path: Path, total: int, cancel: CancelToken, progress: Progress) -> File:
    size = path.stat().st_size
    sha256 = file_sha256(path, cancel)
    progress("hash", size, total, "bytes")
    return File(name, size, sha256)


@contextmanager
def _fresh(target: Path, largest_part: int | None) -> Iterator[BinaryIO]:
    """Open ``target`` under a name of its own until it is whole; remove what is not."""
    beside = [target, *target.parent.glob(f"{target.name}.*")]
    if taken := [path.name for path in beside if path.exists()]:
        raise InputUnreadable(f"{taken[0]} is there already.", "Remove it, or name another file.")
    try:
        if largest_part:
            with io.BufferedWriter(PartsWriter(target, largest_part), _READ) as file:
                yield file
        else:
            aside = target.with_name(f".{target.name}.new")
            with aside.open("wb") as whole:
                yield whole
            aside.replace(target)
    except BaseException:
        for path in (*target.parent.glob(f"{target.name}.*"), target.with_name(f".{target.name}.new")):
            path.unlink(missing_ok=True)
        raise
