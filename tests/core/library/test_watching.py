"""A library follows a folder: what files bring, change and take away."""

import json
import os

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import InputUnreadable
from core.library.store import DocumentStore
from core.library.watching import watch_once

ASTHMA = {"pmid": 1, "title": "Inhaled steroids in mild asthma", "text": "They help. A lot.", "year": 2018}
GOUT = {"pmid": 2, "title": "Allopurinol for gout in adults", "text": "It helps.", "year": 2019}
ACNE = {"pmid": 3, "title": "Isotretinoin in severe acne vulgaris", "text": "It works.", "year": 2020}


class Folder:
    """A folder of JSON lines, and the library "test" that follows it."""

    def __init__(self, path, shelf, embedder):
        self.path, self._shelf, self._embedder = path, shelf, embedder
        self.loaded = 0
        path.mkdir()

    def write(self, name, *records):
        file = self.path / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")

    def embedder(self):
        self.loaded += 1
        return self._embedder

    def sync(self, settled=0.0, cancel=None):
        """Return (added, updated, duplicates, deleted, failed), or None."""
        report = watch_once(
            self._shelf,
            "test",
            self.path,
            self.embedder,
            cancel or CancelToken(),
            lambda *_: None,
            settled=settled,
        )
        if report is None:
            return None
        return report.added, report.updated, report.duplicates, report.deleted, report.failed

    def content(self):
        with DocumentStore.open(self._shelf.active_version("test")[0]) as store:
            return {document.pmid: document for document in store.documents(0, 100)}


@pytest.fixture
def folder(tmp_path, shelf, embedder):
    return Folder(tmp_path / "watched", shelf, embedder)


@pytest.fixture
def filled(folder):
    folder.write("a.jsonl", ASTHMA, GOUT)
    folder.write("deep/b.jsonl", ACNE)
    assert folder.sync() == (3, 0, 0, 0, 0)
    return folder


def test_that_an_unchanged_folder_is_not_read_and_loads_no_model(filled, shelf, monkeypatch):
    version, loaded = shelf.info("test").version, filled.loaded
    monkeypatch.setattr("core.library.watching._hash", None)  # nothing is hashed either
    assert filled.sync() is None
    assert (shelf.info("test").version, filled.loaded) == (version, loaded)


def test_that_a_file_that_was_only_touched_is_not_read_again(filled, shelf):
    version = shelf.info("test").version
    os.utime(filled.path / "a.jsonl", (1, 1))
    assert filled.sync() is None
    assert shelf.info("test").version == version
    assert filled.sync() is None


def test_that_new_changed_and_removed_files_are_followed_in_one_version(filled, shelf, embedder):
    asked = len(embedder.asked)
    filled.write("a.jsonl", ASTHMA | {"text": "No."}, GOUT)  # shorter, but the file has the last word
    filled.write("c.jsonl", {"pmid": 4, "title": "A fourth record altogether", "text": "New."})
    (filled.path / "deep" / "b.jsonl").unlink()
    assert filled.sync() == (1, 1, 1, 1, 0)
    assert sorted(filled.content()) == ["1", "2", "4"]
    assert filled.content()["1"].text == "No."
    assert len(embedder.asked) == asked + 2
    assert shelf.verify("test") == []
    change = shelf.history("test")[0].change
    assert (change.kind, change.added, change.updated, change.deleted) == ("watch", 1, 1, 1)


def test_that_a_record_taken_out_of_its_file_is_deleted(filled, shelf):
    filled.write("a.jsonl", GOUT)
    assert filled.sync() == (0, 0, 1, 1, 0)
    assert sorted(filled.content()) == ["2", "3"]
    assert shelf.verify("test") == []


def test_that_a_document_which_another_file_has_too_stays(filled, add_to, write_lines, shelf):
    add_to(write_lines(ACNE, name="mine.jsonl"))
    (filled.path / "deep" / "b.jsonl").unlink()
    assert filled.sync() == (0, 0, 0, 0, 0)
    assert filled.content()["3"].sources == ("mine.jsonl",)
    assert shelf.verify("test") == []


def test_that_a_moved_file_keeps_its_documents_and_embeds_nothing(filled, embedder):
    asked = len(embedder.asked)
    (filled.path / "deep" / "b.jsonl").rename(filled.path / "moved.jsonl")
    assert filled.sync() == (0, 0, 1, 0, 0)
    assert filled.content()["3"].sources == ("moved.jsonl",)
    assert len(embedder.asked) == asked


def test_that_a_damaged_file_takes_nothing_away(filled):
    (filled.path / "a.jsonl").write_text(json.dumps(GOUT) + "\n{broken\n")
    assert filled.sync() == (0, 0, 1, 0, 1)
    assert sorted(filled.content()) == ["1", "2", "3"]
    (filled.path / "a.jsonl").write_bytes(b"\x00\x01")
    assert filled.sync() == (0, 0, 0, 0, 1)
    assert sorted(filled.content()) == ["1", "2", "3"]


def test_that_a_missing_or_emptied_folder_deletes_nothing(filled, shelf):
    away = filled.path.with_name("away")
    filled.path.rename(away)
    with pytest.raises(InputUnreadable, match="no folder"):
        filled.sync()
    filled.path.mkdir()
    with pytest.raises(InputUnreadable, match="Nothing was deleted"):
        filled.sync()
    assert shelf.info("test").documents == 3
    filled.path.rmdir()
    away.rename(filled.path)
    assert filled.sync() is None


def test_that_a_file_which_may_still_be_written_is_left_for_the_next_time(filled):
    filled.write("c.jsonl", {"pmid": 4, "title": "A fourth record altogether", "text": "New."})
    assert filled.sync(settled=60) is None
    os.utime(filled.path / "c.jsonl", (1, 1))
    assert filled.sync(settled=60) == (1, 0, 0, 0, 0)


def test_that_a_stopped_round_is_done_again(filled, shelf):
    filled.write("c.jsonl", {"pmid": 4, "title": "A fourth record altogether", "text": "New."})
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        filled.sync(cancel=cancel)
    assert shelf.info("test").documents == 3
    assert filled.sync() == (1, 0, 0, 0, 0)


def test_that_unreadable_knowledge_of_the_files_only_costs_reading_them(filled, shelf, embedder):
    asked = len(embedder.asked)
    (shelf.versions("test").folder / "watch.json").write_bytes(b"{")
    assert filled.sync() == (0, 0, 3, 0, 0)
    assert len(embedder.asked) == asked
