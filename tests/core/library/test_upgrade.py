"""A library of format 1, written by the program of that time, is brought to today's format."""

import json
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.cancel import CancelToken
from core.errors import IndexDamaged, LibraryBusy, LibraryMissing, StorageFull
from core.library.ingest import add
from core.library.records import content_id
from core.library.shelf import Shelf
from core.library.store import DocumentStore
from core.library.upgrade import needs_upgrade, settle
from core.library.versions import read_manifest
from tests.fakes.hash_embedder import HashEmbedder

# Made at commit 5d8e3c9 with HashEmbedder(dim=8): two imports, of one card and of four records.
FIXTURE = Path(__file__).parent / "data" / "format-1.zip"


@pytest.fixture
def old(shelf):
    """The shelf with the library "old"; return the folder of its version in use."""
    with zipfile.ZipFile(FIXTURE) as archive:
        archive.extractall(shelf.folder.parent)
    return shelf.active_version("old")[0]


def stored_in(folder):
    """Return what is in a database of either format, without the library's code."""
    connection = sqlite3.connect(folder / "documents.sqlite")
    documents = connection.execute("SELECT number, id, title, text, pmid, doi FROM documents").fetchall()
    chunks = connection.execute('SELECT key, document, ordinal, start, "end" FROM chunks').fetchall()
    vectors = connection.execute("SELECT key, vector FROM vectors").fetchall()
    connection.close()
    return documents, chunks, vectors


def test_that_documents_passages_and_vectors_are_what_they_were(shelf, old):
    before = stored_in(old)
    assert needs_upgrade(shelf.versions("old"))
    assert settle(shelf) == []
    folder, manifest = shelf.active_version("old")
    assert folder != old
    assert stored_in(folder) == before
    assert (manifest.schema, manifest.parent, manifest.change.kind) == (2, old.name, "upgrade")
    assert shelf.verify("old") == []
    assert not needs_upgrade(shelf.versions("old"))
    with DocumentStore.open(folder) as store:
        document = store.find("11")
        assert document.sources == ("second.jsonl",)
        assert (document.pmcid, document.mesh, document.retracted) == ("PMC5", ("Sleep", "Tea"), False)
        assert content_id(document) == document.id
        assert store.find("12").retracted
        assert [part.label for part in document.sections] == ["AIM", "RESULTS"]


def test_that_it_is_searched_and_grows_as_before_without_embedding_anything_again(shelf, old, tmp_path):
    from core.retrieval.dense import DenseIndex
    from core.retrieval.lexical import LexicalIndex

    settle(shelf)
    embedder = HashEmbedder(dim=8)
    path = tmp_path / "third.jsonl"
    path.write_text(json.dumps({"title": "A card that came later", "text": "It is new."}) + "\n")
    report = add(shelf, "old", [path], embedder, CancelToken(), lambda *_: None)
    assert (report.added, report.documents, len(embedder.asked)) == (1, 6, 1)
    folder, manifest = shelf.active_version("old")
    assert shelf.verify("old") == []
    ((key, _),) = LexicalIndex.load(folder / "lexical").search("marigold lighthouse", 1)
    dense = DenseIndex.load(folder / "dense", manifest.dim, manifest.chunks)
    with DocumentStore.open(folder) as store:
        (chunk,) = store.chunks([key])
        assert chunk.document_id == store.find("11").id
        vector = dict(zip(*store.all_vectors(8), strict=True))[key]
    assert dense.search(np.asarray(vector), 1).keys.tolist() == [key]


def test_that_the_old_version_stays_until_the_next_change_but_is_not_reverted_to(shelf, old):
    settle(shelf)
    assert old.is_dir()
    assert shelf.before("old") is None
    with pytest.raises(LibraryMissing):
        shelf.revert("old")


def test_that_an_import_upgrades_first(shelf, old, tmp_path):
    path = tmp_path / "third.jsonl"
    path.write_text(json.dumps({"title": "A card that came later", "text": "It is new."}) + "\n")
    report = add(shelf, "old", [path], HashEmbedder(dim=8), CancelToken(), lambda *_: None)
    assert (report.added, report.documents) == (1, 6)
    assert shelf.verify("old") == []


def test_that_a_list_shows_it_and_opening_it_says_what_to_do(shelf, old):
    assert (shelf.info("old").documents, shelf.info("old").chunks) == (5, 7)
    with pytest.raises(IndexDamaged, match="earlier Vademecum") as failure:
        DocumentStore.open(old)
    assert "library list" in failure.value.hint


def test_that_a_library_that_cannot_be_upgraded_stays_as_it_is(shelf, old, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("core.library.upgrade.check_space", lambda *_: _full())
        assert [type(failure) for failure in settle(shelf)] == [StorageFull]
    with shelf.lock("old"):
        assert [type(failure) for failure in settle(Shelf(shelf.folder))] == [LibraryBusy]
    assert shelf.active_version("old")[0] == old
    assert settle(shelf) == []


def _full():
    raise StorageFull("There is not enough room.")


def test_that_a_kill_while_upgrading_leaves_the_old_version_in_use(shelf, old, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("core.library.finishing.write_manifest", die)
        with pytest.raises(KeyboardInterrupt):
            settle(shelf)
    assert shelf.active_version("old")[0] == old
    assert read_manifest(old).schema == 1
    assert settle(shelf) == []
    assert shelf.verify("old") == []


def test_that_a_version_is_looked_at_once_and_each_new_one_again(shelf, old):
    known = set()
    assert settle(shelf, known) == []
    folder, _ = shelf.active_version("old")
    assert known == {folder}
    (folder / "manifest.json").write_text("rubbish")
    assert settle(shelf, known) == []
    assert [type(failure) for failure in settle(shelf)] == [IndexDamaged]
    shelf.versions("old").switch(old.name)
    assert settle(shelf, known) == []
    assert shelf.active_version("old")[0] not in (old, folder)
