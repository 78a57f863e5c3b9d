"""Libraries of format 1: brought to the format of today, without embedding anything again.

The new version is written beside the old one, which stays until the next change. Ids, keys and vectors are
what they were; the indexes are built anew.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from core.cancel import CancelToken
from core.errors import AppError
from core.library import schema
from core.library.finishing import Making, finish
from core.library.shelf import Shelf
from core.library.storage import check_space, storing
from core.library.versions import SCHEMA, Change, Versions, discard, read_manifest
from core.progress import Progress

_TABLES = """
INSERT INTO documents SELECT number, id, pmid, doi, title_key, external_id, title, text, journal, year,
    retracted, 0, 0, '', publication_types, of_today(meta) FROM old.documents ORDER BY number;
INSERT INTO chunks SELECT key, document, ordinal, start, "end", NULL FROM old.chunks ORDER BY key;
INSERT INTO vectors SELECT key, vector FROM old.vectors ORDER BY key;
INSERT INTO progress VALUES ('upgrade', :parent, :embedder, (SELECT coalesce(max(number), 0) FROM documents),
        (SELECT coalesce(max(key), 0) FROM chunks), '{}');
"""


def settle(shelf: Shelf, known: set[Path] | None = None) -> list[AppError]:
    """Upgrade every library that needs it; return why one cannot be now. The next call tries again.

    To be called where a process begins to use the libraries. Versions of today's format are added to
    ``known``, and those in it are passed over.
    """
    known = set() if known is None else known
    failures = []
    for name in shelf.own():
        versions = shelf.versions(name)
        try:
            if versions.path(versions.active() or "") in known:
                continue
            if needs_upgrade(versions):
                with shelf.still(name), storing(shelf.folder):
                    upgrade_active(versions, lambda *progress: None)
            known.add(versions.path(versions.active() or ""))
        except AppError as error:
            failures.append(error)
    return failures


def needs_upgrade(versions: Versions) -> bool:
    """True if the version in use is of an earlier format. Raises IndexDamaged."""
    active = versions.active()
    return active is not None and read_manifest(versions.path(active)).schema < SCHEMA


def upgrade_active(versions: Versions, progress: Progress) -> None:
    """Upgrade the version in use if it is of an earlier format. Needs the library's lock.

    Raises:
        IndexDamaged: it is damaged.
        StorageFull: there is not enough room; the library can be read by the Vademecum that wrote it.
    """
    active = versions.active()
    if active is None or not needs_upgrade(versions):
        return
    folder, manifest = versions.path(active), read_manifest(versions.path(active))
    check_space(versions.folder, 2 * sum(file.size for file in manifest.files))
    discard(versions.staging)  # of an import in the old format
    versions.staging.mkdir(parents=True)
    with schema.reading(folder / schema.FILE):
        _copy(folder / schema.FILE, versions.staging / schema.FILE, active, manifest.embedder)
    making, change = Making.of(manifest), Change("upgrade")
    made = finish(versions, manifest.name, None, making, change, CancelToken(), progress)
    versions.activate(made.version)


def _copy(old: Path, new: Path, parent: str, embedder: str) -> None:
    """Write the tables of ``old`` in today's format to ``new``."""
    with closing(sqlite3.connect(new, isolation_level=None, uri=True)) as connection:
        schema.create(connection)
        connection.create_function("of_today", 1, _meta, deterministic=True)
        connection.execute("ATTACH ? AS old", (f"{old.resolve().as_uri()}?mode=ro&immutable=1",))
        connection.execute("BEGIN")
        for statement in _TABLES.strip().split(";\n"):
            connection.execute(statement.removesuffix(";"), {"parent": parent, "embedder": embedder})
        connection.execute("COMMIT")


def _meta(encoded: str) -> str:
    """Return what is only shown of a document as it is stored today: sources, where there was one."""
    meta = msgspec.json.decode(encoded, type=dict[str, object])
    source = meta.pop("source", "")
    meta.setdefault("sources", [source] if source else [])
    return msgspec.json.encode(meta).decode()
