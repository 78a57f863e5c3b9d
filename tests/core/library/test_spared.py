"""A change that was broken off and gave way to another: what it had embedded is not embedded again."""

import os
import time

import numpy as np
import pytest

from core.cancel import Cancelled, CancelToken
from core.library.ingest import delete
from core.library.reindex import reindex
from core.library.store import DocumentStore
from tests.fakes.hash_embedder import HashEmbedder

CARDS = [{"title": f"A card about the subject {n}", "text": f"Fact {n}. More of it."} for n in range(700)]
OTHERS = [{"pmid": n + 1, "title": f"Another study, number {n}", "text": f"Seen {n}."} for n in range(20)]


class Pausing(HashEmbedder):
    """Sets ``token`` once it has embedded so many batches."""

    def __init__(self, batches, **options):
        super().__init__(**options)
        self.token, self._left = CancelToken(), batches

    def encode(self, texts):
        self._left -= 1
        if not self._left:
            self.token.cancel()
        return super().encode(texts)


@pytest.fixture
def paused(add_to, write_lines):
    """A library with a part of ``CARDS`` imported; return their file, and what was embedded."""
    add_to(write_lines(*OTHERS, name="others.jsonl"))
    path, embedder = write_lines(*CARDS), Pausing(2)
    with pytest.raises(Cancelled):
        add_to(path, embedder=embedder, cancel=embedder.token)
    assert 500 < len(embedder.asked) < 700
    return path, list(embedder.asked)


def spared(shelf):
    return list((shelf.folder / "test" / "versions" / ".spared").glob("*"))


def vectors_as_they_are_and_as_they_must_be(shelf):
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        texts = [f"{title}\n{text}" for _, title, text in store.texts(0)]
        return store.all_vectors(16)[1], HashEmbedder().encode(texts)


def test_that_another_import_in_between_costs_no_embedding(shelf, add_to, write_lines, paused):
    path, asked = paused
    add_to(write_lines({"title": "Something else, in between", "text": "Yes."}, name="between.jsonl"))
    assert spared(shelf)
    embedder = HashEmbedder()
    report = add_to(path, embedder=embedder)
    assert (report.added, report.documents) == (700, 721)
    assert not set(embedder.asked) & set(asked)
    assert len(embedder.asked) + len(asked) == 700
    assert not spared(shelf)


def test_that_the_vectors_are_those_of_their_passages(shelf, add_to, paused):
    path, asked = paused
    delete(shelf, "test", ["1", "2"], CancelToken(), lambda *_: None)
    embedder = HashEmbedder()
    assert add_to(path, embedder=embedder).documents == 718
    assert len(embedder.asked) == 700 - len(asked)
    found, expected = vectors_as_they_are_and_as_they_must_be(shelf)
    assert np.array_equal(found, expected)


def test_that_an_import_may_give_way_more_than_once(shelf, add_to, write_lines, paused):
    path, asked = paused
    add_to(write_lines({"title": "Something else, in between", "text": "Yes."}, name="between.jsonl"))
    token = CancelToken()
    with pytest.raises(Cancelled):  # earlier than before
        add_to(path, cancel=token, progress=lambda step, *_: token.cancel() if step == "embed" else None)
    delete(shelf, "test", ["1"], CancelToken(), lambda *_: None)
    embedder = HashEmbedder()
    add_to(path, embedder=embedder)
    assert len(embedder.asked) == 700 - len(asked)


def test_that_vectors_of_another_embedder_are_not_taken(shelf, add_to, paused):
    path, _ = paused
    other = HashEmbedder(fingerprint="hash-2")
    reindex(shelf, "test", other, CancelToken(), lambda *_: None)
    other.asked.clear()
    add_to(path, embedder=other)
    assert len(other.asked) == 700


def test_that_embedding_a_library_anew_goes_on_after_another_change(shelf, add_to, write_lines):
    add_to(write_lines(*CARDS))
    embedder = Pausing(2, fingerprint="hash-2")
    with pytest.raises(Cancelled):
        reindex(shelf, "test", embedder, embedder.token, lambda *_: None)
    add_to(write_lines({"title": "Something else, in between", "text": "Yes."}, name="between.jsonl"))
    again = HashEmbedder(fingerprint="hash-2")
    reindex(shelf, "test", again, CancelToken(), lambda *_: None)
    assert len(embedder.asked) + len(again.asked) == 701
    assert not spared(shelf)


def test_that_what_is_kept_may_be_damaged(shelf, add_to, paused):
    path, _ = paused
    delete(shelf, "test", ["1"], CancelToken(), lambda *_: None)
    (kept,) = spared(shelf)
    kept.write_bytes(b"rubbish" * 1000)
    assert add_to(path).added == 700
    assert not spared(shelf)


def test_that_what_nobody_goes_on_with_is_not_kept_for_ever(shelf, add_to, paused):
    delete(shelf, "test", ["1"], CancelToken(), lambda *_: None)
    (kept,) = spared(shelf)
    delete(shelf, "test", ["2"], CancelToken(), lambda *_: None)
    assert spared(shelf) == [kept]
    os.utime(kept, times=(time.time() - 31 * 24 * 3600,) * 2)
    delete(shelf, "test", ["3"], CancelToken(), lambda *_: None)
    assert not spared(shelf)
