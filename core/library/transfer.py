"""A library as one verified file, and back: the documents, their vectors and original files.

The file is a bundle (``core.bundles``) of kind "library". Indexes do not travel: they are built anew from the
documents and vectors, which takes no model, makes the file smaller, and keeps files that native code reads
without looking from coming in from elsewhere.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from core import __version__
from core.bundles.container import open_bundle, verify
from core.bundles.incoming import take_out
from core.bundles.making import Label, create
from core.bundles.parts import open_file
from core.cancel import CancelToken
from core.decoding import UNDECODABLE
from core.errors import BundleRefused, IndexDamaged, InputUnreadable
from core.library import integrity, schema
from core.library.finishing import Making, finish
from core.library.originals import Originals
from core.library.shelf import LibraryInfo, Shelf
from core.library.storage import check_space, storing
from core.library.upgrade import upgrade_active
from core.library.versions import SCHEMA, Change, Versions, discard
from core.progress import Progress

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MANIFEST = "library.json"
_FILES = "files/"


@dataclass(frozen=True, slots=True)
class Travelling:
    """What has to be known of a library beside its database: see ``core.library.versions.Manifest``."""

    schema: int
    name: str
    embedder: str
    dim: int
    encoding: dict[str, Any] | None
    documents: int
    chunks: int


def export_library(
    shelf: Shelf,
    name: str,
    target: Path,
    cancel: CancelToken,
    progress: Progress,
    largest_part: int | None = None,
    label: Label | None = None,
    key: Ed25519PrivateKey | None = None,
) -> None:
    """Write the version in use of the library ``name`` to ``target``, which must not exist.

    Args:
        largest_part: bytes of one file; a larger bundle is cut into parts.
        label: what to say of it where it is not empty, instead of what is known of the library.
        key: to sign it with.

    Raises:
        LibraryMissing, LibraryBusy, IndexDamaged: it cannot be exported.
        InputUnreadable: ``target`` exists.
        StorageFull: ``target`` cannot be written.
        Cancelled: nothing of it stays.
    """
    shelf.active_version(name)  # says if there is none
    with shelf.still(name), tempfile.TemporaryDirectory() as aside:
        versions = shelf.versions(name)
        if not shelf.is_shared(name):
            upgrade_active(versions, progress)
        folder, manifest = shelf.active_version(name)
        facts = Travelling(
            SCHEMA,
            name,
            manifest.embedder,
            manifest.dim,
            manifest.encoding,
            manifest.documents,
            manifest.chunks,
        )
        described = Path(aside, MANIFEST)
        described.write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=1))
        originals = [(_FILES + each, versions.originals.path(each)) for each in integrity.originals(folder)]
        files = [(MANIFEST, described), (schema.FILE, folder / schema.FILE), *originals]
        with storing(target.parent):
            check_space(target.parent, sum(path.stat().st_size for _, path in files))
        about = f"{manifest.documents:,} documents, made with {manifest.embedder}"
        said = Label("library", name, manifest.version, "as its documents", (), __version__, about)
        if label is not None:
            given = {field.name: getattr(label, field.name) for field in fields(label)}
            said = replace(said, **{name: value for name, value in given.items() if value})
        create(target, said, files, key, largest_part, cancel, progress)


def import_library(
    shelf: Shelf, bundle: Path, name: str, cancel: CancelToken, progress: Progress
) -> LibraryInfo:
    """Make a library of what ``export_library`` wrote; it is there when this returns, whole, or not at all.

    Args:
        name: of the library; the one it was exported under if empty.

    Raises:
        BundleRefused: the file is damaged, incomplete, of a newer format, or holds what it should not.
        InputUnreadable: it is not there, or a library of that name is.
        LibraryBusy, StorageFull, Cancelled: nothing was changed, and why.
    """
    with open_file(bundle) as source:
        opened = open_bundle(source, ())
        if opened.manifest.kind != "library":
            raise BundleRefused(
                f"{bundle} holds no library.", "Choose a file that `vademecum library export` wrote."
            )
        name = name or opened.manifest.name
        versions = shelf.versions(name)
        with shelf.lock(name), storing(shelf.folder):
            _must_be_free(shelf, name)
            incoming = shelf.folder / f".incoming-{name}"
            try:
                content = take_out(source, opened, incoming, cancel, progress)
                versions.activate(stage(versions, name, content, cancel, progress))
            except BaseException:
                discard(versions.folder)
                raise
            finally:
                discard(incoming)
    return shelf.info(name)


def verify_file(bundle: Path, cancel: CancelToken) -> None:
    """Read a bundle and check every hash. Raises BundleRefused, InputUnreadable."""
    with open_file(bundle) as source:
        verify(source, open_bundle(source, ()).manifest, cancel, lambda count: None)


def _must_be_free(shelf: Shelf, name: str) -> None:
    if name in shelf.names():
        raise InputUnreadable(
            f"There is a library named {name!r} already.", "Choose another name with --name, or remove it."
        )


def stage(versions: Versions, name: str, content: Path, cancel: CancelToken, progress: Progress) -> str:
    """Make the staged version of what was taken out of a bundle; return its id, for ``versions.activate``.

    To be called under the library's lock. Raises BundleRefused, Cancelled.
    """
    facts = _facts(content)
    _check_database(content / schema.FILE)
    discard(versions.staging)
    versions.staging.mkdir(parents=True)
    (content / schema.FILE).rename(versions.staging / schema.FILE)
    _keep_originals(versions.originals, content / _FILES)
    making = Making(facts.embedder, facts.dim, facts.encoding)
    try:
        with storing(versions.folder):
            made = finish(versions, name, None, making, Change("copy"), cancel, progress)
        problems = integrity.content_problems(versions.staging, made)
        if (made.documents, made.chunks) != (facts.documents, facts.chunks):
            problems.append("it holds other numbers of documents than it says.")
        problems += _missing_originals(versions)
    except (IndexDamaged, ValueError) as error:
        problems = [str(error)]
    except (TypeError, KeyError, IndexError, OverflowError, sqlite3.DatabaseError):
        problems = ["it does not hold what a library does."]
    if problems:
        raise BundleRefused(f"The library in the file is damaged: {problems[0]}", "Ask for another copy.")
    return made.version


def _facts(content: Path) -> Travelling:
    """Read what is known of the library; refuse files that a library does not have."""
    try:
        encoded = (content / MANIFEST).read_bytes()
        found = msgspec.json.decode(encoded, type=dict).get("schema")
        if found != SCHEMA:
            hint = "Update Vademecum." if isinstance(found, int) and found > SCHEMA else "Export it again."
            raise BundleRefused(f"The library has format {found!r}, known is {SCHEMA}.", hint)
        facts = msgspec.json.decode(encoded, type=Travelling)
    except (OSError, AttributeError, *UNDECODABLE) as error:
        raise BundleRefused(
            f"The library in the file cannot be read: {error}.", "Export it again."
        ) from error
    names = {path.relative_to(content).as_posix() for path in content.rglob("*") if path.is_file()}
    extra = [each for each in sorted(names - {MANIFEST, schema.FILE}) if not _is_original(each)]
    if extra or schema.FILE not in names:
        raise BundleRefused(f"The file holds {extra[0] if extra else 'no documents'}.", "Do not use it.")
    return facts


def _is_original(path: str) -> bool:
    return path.startswith(_FILES) and "/" not in path.removeprefix(_FILES)


def _check_database(path: Path) -> None:
    """Refuse a database that is damaged or has other tables than ours, such as views and triggers."""
    try:
        with closing(sqlite3.connect(":memory:")) as ours, closing(sqlite3.connect(path)) as theirs:
            schema.create(ours)
            schema.check_version(theirs, path)
            query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"
            same = ours.execute(query).fetchall() == theirs.execute(query).fetchall()
    except (sqlite3.DatabaseError, IndexDamaged, *UNDECODABLE) as error:  # its words may be undecodable
        raise BundleRefused(
            f"The library in the file cannot be read: {error}.", "Export it again."
        ) from error
    if not same:
        raise BundleRefused("The database in the file has other tables than it should.", "Do not use it.")


def _keep_originals(originals: Originals, folder: Path) -> None:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if originals.keep(path) != path.name:
                raise BundleRefused(f"{path.name} is not the file that it is named for.", "Do not use it.")


def _missing_originals(versions: Versions) -> list[str]:
    return [
        f"it lacks the file {name}."
        for name in integrity.originals(versions.staging)
        if not versions.originals.path(name).is_file()
    ]
