"""The tables of ``documents.sqlite``, and how the file is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.decoding import UNDECODABLE
from core.errors import IndexDamaged

FILE = "documents.sqlite"
REMEDY = "Remove the library with 'vademecum library remove NAME' and add its files again."
VERSION = 2  # in PRAGMA user_version; a file of a newer one is refused, an older one upgraded

# ``meta`` holds as JSON what is shown but not searched by. Vectors lie apart from the chunks, so that
# looking a chunk up does not read past them. Numbers and keys are never given twice: a key stands for the
# same passage in every version, so that an index can be brought up to date instead of built anew.
# ``files`` and ``found`` say which documents a file brought (stale: it is being read again, and has not
# brought this one yet). The rest is of the change that made the version: ``progress`` (one row) and
# ``rejected`` are what an interrupted one goes on from, ``changed`` and ``dropped`` which documents and
# passages of the version before are not what they were.
_TABLES = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    pmid TEXT,
    doi TEXT,
    title_key TEXT,
    external_id TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    journal TEXT NOT NULL,
    year INTEGER,
    retracted INTEGER NOT NULL,
    concern INTEGER NOT NULL,
    corrected INTEGER NOT NULL,
    original TEXT NOT NULL,
    publication_types TEXT NOT NULL,
    meta TEXT NOT NULL
);
CREATE INDEX documents_pmid ON documents (pmid) WHERE pmid IS NOT NULL;
CREATE INDEX documents_doi ON documents (doi) WHERE doi IS NOT NULL;
CREATE INDEX documents_title ON documents (title_key) WHERE title_key IS NOT NULL;
CREATE INDEX documents_original ON documents (original) WHERE original <> '';
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents (number),
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    page INTEGER,
    UNIQUE (document, ordinal)
);
CREATE TABLE vectors (key INTEGER PRIMARY KEY REFERENCES chunks (key), vector BLOB NOT NULL);
CREATE TABLE files (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE found (
    document INTEGER NOT NULL REFERENCES documents (number),
    file INTEGER NOT NULL REFERENCES files (number),
    stale INTEGER NOT NULL,
    PRIMARY KEY (document, file)
) WITHOUT ROWID;
CREATE INDEX found_in ON found (file);
CREATE TABLE progress (
    input TEXT NOT NULL,
    parent TEXT,
    embedder TEXT NOT NULL,
    last_number INTEGER NOT NULL,
    last_key INTEGER NOT NULL,
    state TEXT NOT NULL
);
CREATE TABLE rejected (file TEXT NOT NULL, record INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE changed (document INTEGER PRIMARY KEY);
CREATE TABLE dropped (key INTEGER PRIMARY KEY);
"""


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database."""
    connection.execute("PRAGMA page_size = 8192")  # five vectors of 384 values a page; of 4096 only two
    connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raise IndexDamaged unless ``connection`` is a library of the version we know."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > VERSION:
        raise IndexDamaged(
            f"{path} was written by a newer Vademecum (format {found}, known is {VERSION}).",
            "Update Vademecum.",
        )
    if 0 < found < VERSION:
        raise IndexDamaged(
            f"{path} was written by an earlier Vademecum (format {found}) and is not upgraded yet.",
            "List the libraries with 'vademecum library list': that upgrades them.",
        )
    if found != VERSION:
        raise IndexDamaged(f"{path} is not a library of Vademecum.", REMEDY)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what SQLite and the decoders say about a damaged file into IndexDamaged.

    SQLite finds rows in a damaged file that hold other types than their columns, or nothing.
    """
    try:
        yield
    except (sqlite3.DatabaseError, *UNDECODABLE, TypeError, ValueError, LookupError) as error:
        raise IndexDamaged(f"Cannot read {path}: {error}.", REMEDY) from error


def open_finished(path: Path) -> sqlite3.Connection:
    """Open a finished version for reading. Nothing writes to it any more, so no lock is taken.

    The connection may be used by any thread, but by one at a time.

    Raises:
        IndexDamaged: the file is missing, no database, or of another schema version.
    """
    if not path.is_file():
        raise IndexDamaged(f"{path} is missing.", REMEDY)
    with reading(path):
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            check_version(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection
