"""A library embedded anew: the same documents, other vectors, one swap, and a way back."""

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import LibraryBusy, LibraryMissing
from core.library.reindex import reindex
from core.library.shelf import Shelf
from core.library.store import DocumentStore
from core.library.versions import read_manifest
from tests.fakes.hash_embedder import HashEmbedder

CARDS = [{"title": f"A card about the subject {n}", "text": f"Fact {n}. More of it."} for n in range(50)]


@pytest.fixture
def library(shelf, add_to, write_lines):
    add_to(write_lines(*CARDS))
    return shelf.active_version("test")[0]


def anew(shelf, embedder, cancel=None, progress=lambda *_: None):
    return reindex(shelf, "test", embedder, cancel or CancelToken(), progress)


def go_back(shelf):
    versions = shelf.versions("test")
    versions.switch(versions.before())


def content(folder):
    with DocumentStore.open(folder) as store:
        return store.documents(0, 1000), list(store.texts())


def test_that_documents_and_passages_stay_and_every_vector_is_new(shelf, library):
    other = HashEmbedder(dim=24, fingerprint="hash-2")
    version = anew(shelf, other)
    folder, manifest = shelf.active_version("test")
    assert folder.name == version != library.name
    assert (manifest.embedder, manifest.dim, manifest.chunks) == ("hash-2", 24, 50)
    assert content(folder) == content(library)
    with DocumentStore.open(folder) as store:
        keys, vectors = store.all_vectors(24)
    by_text = {text: vector for text, vector in zip(other.asked, other.encode(other.asked), strict=True)}
    texts = {key: f"{title}\n{text}" for key, title, text in content(folder)[1]}
    assert all((vectors[i] == by_text[texts[key]]).all() for i, key in enumerate(keys))
    assert shelf.verify("test") == []


def test_that_the_version_before_is_kept_and_can_be_switched_to(shelf, library):
    anew(shelf, HashEmbedder(dim=24, fingerprint="hash-2"))
    go_back(shelf)
    assert shelf.active_version("test")[0] == library
    assert shelf.verify("test") == []
    assert shelf.versions("test").before() is None


def test_that_a_version_of_another_search_model_is_not_what_an_import_is_undone_to(shelf, library):
    version = anew(shelf, HashEmbedder(dim=24, fingerprint="hash-2"))
    assert shelf.before("test") is None
    with pytest.raises(LibraryMissing, match="no version before"):
        shelf.revert("test")
    assert shelf.active_version("test")[0].name == version


def test_that_files_can_be_added_after_a_revert(shelf, library, add_to, write_lines):
    anew(shelf, HashEmbedder(dim=24, fingerprint="hash-2"))
    go_back(shelf)
    assert add_to(write_lines({"title": "One more card"})).documents == 51
    assert shelf.verify("test") == []
    assert read_manifest(shelf.active_version("test")[0]).embedder == "hash-1"


def test_that_a_stopped_one_goes_on_from_the_last_batch(shelf, library, monkeypatch):
    monkeypatch.setattr("core.library.reindex.batch_of", lambda _: 10)
    cancel, first = CancelToken(), HashEmbedder(fingerprint="hash-2")

    def stop(step, done, total, unit):
        if done == 30:
            cancel.cancel()

    with pytest.raises(Cancelled):
        anew(shelf, first, cancel, stop)
    assert shelf.active_version("test")[0] == library
    second = HashEmbedder(fingerprint="hash-2")
    anew(shelf, second)
    assert (len(first.asked), len(second.asked)) == (30, 20)
    assert not set(first.asked) & set(second.asked)
    assert shelf.verify("test") == []


def test_that_another_embedder_starts_anew(shelf, library, monkeypatch):
    monkeypatch.setattr("core.library.reindex.batch_of", lambda _: 10)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        anew(shelf, HashEmbedder(fingerprint="hash-2"), cancel, lambda *_: cancel.cancel())
    third = HashEmbedder(fingerprint="hash-3")
    anew(shelf, third)
    assert len(third.asked) == 50
    assert shelf.verify("test") == []


def test_that_a_library_being_written_or_missing_is_refused(shelf, library):
    with shelf.lock("test"), pytest.raises(LibraryBusy):
        anew(Shelf(shelf.folder), HashEmbedder())
    with pytest.raises(LibraryMissing):
        reindex(shelf, "other", HashEmbedder(), CancelToken(), lambda *_: None)
