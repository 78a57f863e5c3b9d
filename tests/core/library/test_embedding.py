"""Vectors that are made beside the reading: the library is the one that is made in turn."""

import threading

import pytest

from core.cancel import Cancelled, CancelToken
from core.library import importing
from core.library.ingest import add
from core.library.store import DocumentStore
from tests.fakes.hash_embedder import HashEmbedder

CARDS = [{"pmid": n, "title": f"A card about subject {n}", "text": f"Fact {n}. More."} for n in range(1, 41)]
CHANGED = [CARDS[n] | {"text": f"Other words of {n}, and more of them than before."} for n in (5, 11, 12)]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(importing, "batch_of", lambda embedder: 8)


class Slow(HashEmbedder):
    """A card: encodes beside, and only while the import reads on."""

    def __init__(self):
        super().__init__(beside=True)
        self.may_go_on = threading.Event()
        self.threads = set()

    def encode(self, texts):
        self.threads.add(threading.current_thread())
        assert self.may_go_on.wait(20)
        return super().encode(texts)


def stored(shelf, name):
    folder, manifest = shelf.active_version(name)
    with DocumentStore.open(folder) as store:
        keys, vectors = store.all_vectors(manifest.dim)
        return [(key, text) for key, _, text in store.texts()], keys.tolist(), vectors.tolist()


def test_that_a_library_embedded_beside_is_the_one_embedded_in_turn(shelf, write_lines):
    path = write_lines(*CARDS[:12], *CHANGED, *CARDS[12:], *CHANGED)
    for name, embedder in (("turn", HashEmbedder()), ("beside", HashEmbedder(beside=True))):
        add(shelf, name, [path], embedder, CancelToken(), lambda *_: None)
    assert stored(shelf, "beside") == stored(shelf, "turn")
    assert shelf.verify("beside") == []


def test_that_records_are_read_while_the_card_embeds(shelf, write_lines):
    embedder, told = Slow(), []

    def tell(step, done, *_):
        told.append((step, done))
        if (step, done) == ("records", 8):  # the first batch is with the card, and does not come back
            embedder.may_go_on.set()

    add(shelf, "beside", [write_lines(*CARDS)], embedder, CancelToken(), tell)
    assert told.index(("records", 8)) < told.index(("embed", 8))
    assert threading.current_thread() not in embedder.threads
    assert not any(thread.is_alive() for thread in embedder.threads)


def test_that_nothing_is_embedded_twice_when_an_import_is_paused(shelf, write_lines):
    path, embedder, cancel = write_lines(*CARDS), Slow(), CancelToken()
    embedder.may_go_on.set()

    def stop(step, done, *_):
        if (step, done) == ("records", 16):
            cancel.cancel()

    with pytest.raises(Cancelled):
        add(shelf, "beside", [path], embedder, cancel, stop)
    assert len(embedder.asked) == 16
    again = HashEmbedder(beside=True)
    report = add(shelf, "beside", [path], again, CancelToken(), lambda *_: None)
    assert report.added == 40
    assert sorted(embedder.asked + again.asked) == sorted(f"{c['title']}\n{c['text']}" for c in CARDS)
    assert shelf.verify("beside") == []


def test_that_what_the_card_fails_at_is_embedded_by_the_next_import(shelf, write_lines):
    class Broken(HashEmbedder):
        def encode(self, texts):
            if len(self.asked) >= 16:
                raise RuntimeError("the card is gone")
            return super().encode(texts)

    path, broken = write_lines(*CARDS), Broken(beside=True)
    with pytest.raises(RuntimeError, match="the card is gone"):
        add(shelf, "beside", [path], broken, CancelToken(), lambda *_: None)
    on_cpu = HashEmbedder()
    report = add(shelf, "beside", [path], on_cpu, CancelToken(), lambda *_: None)
    assert (report.added, len(broken.asked) + len(on_cpu.asked)) == (40, 40)
    assert shelf.verify("beside") == []
