"""An import that is killed loses at most one batch, and the active version never."""

import signal
import subprocess
import sys

import pytest

from core.library.store import DocumentStore
from tests.fakes.hash_embedder import HashEmbedder

# Adds a file and kills itself, as a power cut would, before the n-th change of the file system or, with a
# negative n, in the middle of the n-th batch. Prints what it embeds and how many changes there are.
CHILD = """
import os, signal, sys
from pathlib import Path
from core.cancel import CancelToken
from core.library import importing, ingest
from core.library.shelf import Shelf
from tests.fakes.hash_embedder import HashEmbedder
importing.BATCH = 20
folder, path, kill = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
changes = batches = 0
def die(): os.kill(os.getpid(), signal.SIGKILL)
def audit(event, args):
    global changes
    if not args or os.path.isabs(str(args[0])) and str(folder) not in str(args[0]): return  # Python's own
    writes = event == "open" and str(folder) in str(args[0]) and args[2] & (os.O_WRONLY | os.O_RDWR)
    if writes or event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "sqlite3.connect"):
        changes += 1
        if changes == kill: die()
class Embedder(HashEmbedder):
    batch = property(lambda self: 1, lambda self, value: None)
    def encode(self, texts):
        global batches
        batches += 1
        if batches == -kill: die()
        return super().encode(texts)
    def say(self, *_):
        print(*(t.replace("\\n", "|") for t in self.asked), sep="\\n", flush=True)
        self.asked.clear()
embedder = Embedder()
sys.addaudithook(audit)
ingest.add(Shelf(folder), "test", [path], embedder, CancelToken(), embedder.say)
print("changes", changes)
"""
CARDS = [{"title": f"A card about the subject {n}", "text": f"Fact {n}. More of it."} for n in range(100)]
FIRST = [{"title": f"An older card number {n}", "text": "Old."} for n in range(5)]
CHANGED = [*CARDS, CARDS[3], FIRST[1] | {"text": "Newer."}]


def run(shelf, path, kill):
    command = [sys.executable, "-c", CHILD, str(shelf.folder), str(path), str(kill)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def content(shelf):
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        documents = store.documents(0, 1000)
        return sorted((d.id, d.text, tuple(c.text for c in store.chunks_of(d.id))) for d in documents)


@pytest.fixture
def library(shelf, add_to, write_lines):
    """A library that holds ``FIRST``; return the file of what is to be added."""
    add_to(write_lines(*FIRST, name="first.jsonl"))
    return write_lines(*CHANGED)


@pytest.mark.parametrize("batch", [1, 3, 5])
def test_that_only_the_batch_under_way_is_embedded_again(shelf, library, add_to, batch):
    before = content(shelf)
    killed = run(shelf, library, -batch)
    assert killed.returncode == -signal.SIGKILL
    assert content(shelf) == before
    (shelf.versions("test").staging / "manifest.json.new").write_text("left by a kill further on")
    embedder = HashEmbedder()
    report = add_to(library, embedder=embedder)
    assert (report.added, report.updated, report.duplicates, report.failed) == (100, 1, 1, 0)
    again = {text.replace("\n", "|") for text in embedder.asked} & set(killed.stdout.splitlines())
    assert not again
    assert len(embedder.asked) == 101 - 20 * (batch - 1)
    assert shelf.verify("test") == []


def test_that_a_kill_at_any_change_of_the_disk_ends_in_the_same_library(shelf, library, add_to, tmp_path):
    from core.library.shelf import Shelf

    whole = tmp_path / "whole"
    start = tmp_path / "start"
    shelf.folder.rename(start)
    copy(start, whole)
    done = run(Shelf(whole), library, 0)
    assert done.returncode == 0, done.stderr
    expected = content(Shelf(whole))
    changes = int(done.stdout.splitlines()[-1].split()[1])
    assert changes > 20
    for kill in sorted({*range(3, changes, changes // 8), changes - 4, changes - 1, changes}):
        copy(start, shelf.folder)
        assert run(shelf, library, kill).returncode == -signal.SIGKILL
        before = content(shelf)
        assert before in (content(Shelf(start)), expected), f"killed at change {kill}"
        report = add_to(library)
        assert report.failed == 0
        assert report.added + report.updated + report.duplicates == 102
        assert report.added == (100 if before != expected else 0), f"killed at change {kill}"
        assert content(shelf) == expected, f"killed at change {kill}"
        assert shelf.verify("test") == [], f"killed at change {kill}"


def copy(source, target):
    import shutil

    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def test_that_another_input_starts_anew(shelf, library, add_to, write_lines):
    assert run(shelf, library, -4).returncode == -signal.SIGKILL
    assert shelf.versions("test").staging.exists()
    report = add_to(write_lines({"title": "Something else"}, name="other.jsonl"))
    assert (report.added, report.documents) == (1, 6)
    assert shelf.verify("test") == []


def test_that_a_version_finished_but_not_taken_into_use_is_not_embedded_again(
    shelf, library, add_to, monkeypatch
):
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("core.library.versions.write_atomically", die)
        patch.setattr("core.library.finishing.write_manifest", write_manifest_plainly)
        with pytest.raises(KeyboardInterrupt):
            add_to(library)
    assert len(list((shelf.folder / "test" / "versions").iterdir())) == 2
    embedder = HashEmbedder()
    report = add_to(library, embedder=embedder)
    assert (report.added, report.updated, report.duplicates) == (100, 1, 1)
    assert embedder.asked == []
    assert shelf.verify("test") == []


def write_manifest_plainly(folder, manifest):
    import msgspec

    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
