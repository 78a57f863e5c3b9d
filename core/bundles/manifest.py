"""What a bundle says about itself, and which of it is believed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal, get_args

import msgspec

from core.assets.unpack import PICKLES
from core.decoding import UNDECODABLE
from core.errors import BundleRefused
from core.paths import NAMES, can_be_folder, is_reserved

FORMAT = 1
Kind = Literal["model", "adapter", "library", "retractions", "app"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_NAME, LONGEST_PATH = 92, 200  # bytes of UTF-8: of the last part of a path, of all of it
MOST_FILES = 100_000
# Endings of files that run code when they are opened or imported, which content has no need of.
_RUNNING = frozenset(
    [
        *PICKLES,
        *(".py", ".pyc", ".pyd", ".so", ".dll", ".dylib", ".exe", ".bat", ".cmd", ".ps1", ".sh"),
    ]
)
_VERSION = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.+_-]{0,62}[0-9A-Za-z])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_AGAIN = "Copy the file again, or ask for it to be made anew."
_STRANGE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


@dataclass(frozen=True, slots=True)
class File:
    """One file of a bundle: its path below the folder it is installed to, bytes and SHA-256 (hexadecimal)."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a bundle.

    Attributes:
        format: number of this format.
        kind: decides where it is installed.
        name: of what is in it; may be installed in several versions.
        created: UTC, ISO 8601.
        parents: names of what it was made from, such as the base of a model.
        licence: of the content, as an SPDX expression or in words.
        needs: oldest version of Vademecum that can use it, such as "0.1.0".
        signer: id of the key that signed it, see ``core.bundles.signing.key_id``; empty when unsigned.
        about: a sentence for people.
        files: in the order in which they lie in the bundle.
    """

    format: int
    kind: Kind
    name: str
    version: str
    created: str
    parents: tuple[str, ...]
    licence: str
    needs: str
    signer: str
    about: str
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def encode(manifest: Manifest) -> bytes:
    """Return ``manifest`` as the bytes that are signed."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def decode(encoded: bytes) -> Manifest:
    """Read what ``encode`` wrote, trusting nothing in it.

    Raises:
        BundleRefused: it is no manifest, of a newer or older format, or names what must not be written.
    """
    try:
        found = msgspec.json.decode(encoded, type=dict).get("format")
        if found != FORMAT:
            newer = isinstance(found, int) and found > FORMAT
            hint = "Update Vademecum." if newer else "Ask for the bundle to be made anew."
            raise BundleRefused(f"The bundle has format {found!r}, known is {FORMAT}.", hint)
        manifest = msgspec.json.decode(encoded, type=Manifest, strict=True)
    except (AttributeError, *UNDECODABLE) as error:
        raise BundleRefused(f"The bundle's manifest cannot be read: {error}.", _AGAIN) from error
    check(manifest)
    return manifest


def check(manifest: Manifest) -> None:
    """Raise BundleRefused unless everything in ``manifest`` may be written below one folder."""
    if manifest.kind not in KINDS:
        raise BundleRefused(f"The bundle is of an unknown kind, {manifest.kind!r}.", "Update Vademecum.")
    check_name(manifest.name)
    if not _VERSION.fullmatch(manifest.version):
        raise BundleRefused(f"{manifest.version[:80]!r} cannot be a version.", _AGAIN)
    if not manifest.files or len(manifest.files) > MOST_FILES:
        raise BundleRefused(f"The bundle lists {len(manifest.files):,} files.", _AGAIN)
    for file in manifest.files:
        check_path(file.path)
        if file.size < 0 or not _SHA256.fullmatch(file.sha256):
            raise BundleRefused(f"The bundle gives no size and hash of {file.path}.", _AGAIN)
        if manifest.kind != "app" and PurePosixPath(file.path).suffix.lower() in _RUNNING:
            raise BundleRefused(f"The bundle holds {file.path}, which could run code.", "Do not install it.")
    _check_apart(file.path for file in manifest.files)


def check_name(name: str) -> None:
    """Raise BundleRefused if ``name`` cannot be the name of a folder on every system."""
    if not can_be_folder(name):
        raise BundleRefused(f"{name[:80]!r} cannot be the name of a bundle's content.", NAMES)


def check_path(path: str) -> None:
    """Raise BundleRefused unless ``path`` stays below its folder on every system."""
    parts = path.split("/")
    windows = PureWindowsPath(path)
    longest = max(_bytes(part) for part in parts)
    bad = (
        not path
        or longest > LONGEST_NAME
        or _bytes(path) > LONGEST_PATH
        or any(part in ("", ".", "..") or part != part.rstrip(". ") for part in parts)
        or any(is_reserved(unicodedata.normalize("NFKC", part)) for part in parts)
        or windows.drive
        or windows.root
        or _STRANGE.search(path)
        or not path.isprintable()
    )
    if bad:
        raise BundleRefused(f"The bundle names a file that cannot be: {path[:80]!r}.", "Do not install it.")


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _check_apart(paths: Iterable[str]) -> None:
    """Raise BundleRefused if two paths are one file on a system that ignores capitals or how an accent is
    written, or one is a folder."""
    seen: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        above = {str(parent) for parent in PurePosixPath(folded).parents} - {"."}
        if folded in seen or folded in folders or above & seen:
            raise BundleRefused(f"The bundle names {path[:80]!r} twice.", "Do not install it.")
        seen.add(folded)
        folders |= above
