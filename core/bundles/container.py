"""The file itself: a tar archive with manifest.json, manifest.sig and the content, in this order.

Any tar program lists and unpacks it, ``sha256sum`` and ``openssl`` check it. We read it more narrowly: the
manifest, which is bounded, decides where every header must lie and what it must say, so there is nothing left
to interpret: no links, no second names, no sizes that differ, nothing behind the end.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.bundles.manifest import File, Manifest, decode
from core.bundles.signing import SIGNATURE, TrustedKey, check_signature
from core.cancel import CancelToken
from core.errors import BundleRefused

SUFFIX = ".vademecum"
MANIFEST, SIGNED = "manifest.json", "manifest.sig"
LARGEST_MANIFEST = 32 * 1024 * 1024  # bytes: some 100,000 files
_CONTENT = "content/"
_BLOCK, _READ = tarfile.BLOCKSIZE, 1024 * 1024
_END = bytes(2 * _BLOCK)
_COPY_AGAIN = "Copy the file again: it may be damaged or incomplete."

Written = Callable[[int], None]  # told the bytes after each block


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of a bundle before its content has been read.

    Attributes:
        signed_by: the trusted key that signed it; None when it is unsigned or by nobody who is known here.
        signature: is there, whoever made it.
    """

    manifest: Manifest
    encoded: bytes
    signed_by: TrustedKey | None
    signature: bool


def write(
    target: BinaryIO,
    encoded: bytes,
    signature: bytes,
    files: Sequence[tuple[File, Path]],
    cancel: CancelToken,
    written: Written,
) -> None:
    """Write a bundle of ``files``, which must be as their entries say.

    Raises:
        BundleRefused: a file changed since it was hashed.
        OSError: reading or writing failed.
        Cancelled: what was written is of no use.
    """
    for name, content in ((MANIFEST, encoded), (SIGNED, signature)):
        target.write(_header(name, len(content)) + content + _padding(len(content)))
    for file, path in files:
        target.write(_header(_CONTENT + file.path, file.size))
        digest, copied = hashlib.sha256(), 0
        with path.open("rb") as source:
            while block := source.read(_READ):
                cancel.check()
                digest.update(block)
                copied += len(block)
                target.write(block)
                written(len(block))
        if copied != file.size or digest.hexdigest() != file.sha256:
            raise BundleRefused(f"{path} changed while it was read.", "Try again when it is not in use.")
        target.write(_padding(file.size))
    target.write(_END)


def open_bundle(source: BinaryIO, trusted: Sequence[TrustedKey]) -> Opened:
    """Read manifest and signature; ``source`` then stands at the content.

    Raises:
        BundleRefused: not a bundle, damaged, or signed by another than it claims.
    """
    encoded = _small(source, MANIFEST, LARGEST_MANIFEST)
    signature = _small(source, SIGNED, SIGNATURE)
    manifest = decode(encoded)
    if bool(signature) != bool(manifest.signer) or len(signature) not in (0, SIGNATURE):
        raise BundleRefused("The bundle's signature is missing or cut off.", "Do not install it.")
    signed_by = check_signature(encoded, manifest.signer, signature, trusted)
    return Opened(manifest, encoded, signed_by, bool(signature))


def contents(source: BinaryIO, manifest: Manifest) -> Iterator[tuple[File, Iterator[bytes]]]:
    """Yield every file with its blocks, which must be used up before the next; checks hashes and the end.

    Raises:
        BundleRefused: a file is not what the manifest says, or something follows the last one.
    """
    for file in manifest.files:
        _expect(source, _CONTENT + file.path, file.size)
        yield file, _blocks(source, file)
    end = source.read(2 * _BLOCK + 1)
    if end != _END:
        raise BundleRefused("The bundle does not end where it should.", _COPY_AGAIN)


def verify(source: BinaryIO, manifest: Manifest, cancel: CancelToken, read: Written) -> None:
    """Read all of the content and check it; see ``contents``."""
    for _, blocks in contents(source, manifest):
        for block in blocks:
            cancel.check()
            read(len(block))


def _blocks(source: BinaryIO, file: File) -> Iterator[bytes]:
    digest, left = hashlib.sha256(), file.size
    while left:
        block = source.read(min(_READ, left))
        if not block:
            raise BundleRefused(f"The bundle is cut off in {file.path}.", _COPY_AGAIN)
        left -= len(block)
        digest.update(block)
        yield block
    _skip_padding(source, file.size)
    if digest.hexdigest() != file.sha256:
        raise BundleRefused(f"{file.path} is not the file that the bundle names.", _COPY_AGAIN)


def _small(source: BinaryIO, name: str, most: int) -> bytes:
    """Read a member of at most ``most`` bytes."""
    size = _expect(source, name, None)
    if size > most:
        raise BundleRefused(f"{name} of the bundle has {size:,} bytes.", "Do not install it.")
    content = source.read(size)
    if len(content) != size:
        raise BundleRefused("The bundle is cut off.", _COPY_AGAIN)
    _skip_padding(source, size)
    return content


def _expect(source: BinaryIO, name: str, size: int | None) -> int:
    """Read the header of the member that must come now; return its size."""
    block = source.read(_BLOCK)
    try:
        found = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError, ValueError) as error:
        raise BundleRefused("This is no bundle of Vademecum, or it is damaged.", _COPY_AGAIN) from error
    if found.type != tarfile.REGTYPE or found.name != name or found.size < 0:
        raise BundleRefused(f"The bundle holds something else where {name} should be.", "Do not install it.")
    if size is not None and found.size != size:
        raise BundleRefused(f"{name} of the bundle has another size than it says.", "Do not install it.")
    return found.size


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    # GNU's has room for large files, POSIX's for long paths
    long = len(name.encode()) > tarfile.LENGTH_NAME
    try:
        return member.tobuf(tarfile.USTAR_FORMAT if long else tarfile.GNU_FORMAT, "utf-8", "strict")
    except ValueError as error:
        raise BundleRefused(f"{name} cannot be in a bundle: {error}.", "Give it a shorter name.") from error


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _skip_padding(source: BinaryIO, size: int) -> None:
    expected = _padding(size)
    if source.read(len(expected)) != expected:
        raise BundleRefused("The bundle is damaged between two files.", _COPY_AGAIN)
