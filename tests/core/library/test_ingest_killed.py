"""A real import, killed at random moments again and again, ends as one that nobody disturbed."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.library.shelf import Shelf
from core.library.store import DocumentStore
from core.retrieval.dense import DenseIndex
from core.retrieval.lexical import LexicalIndex
from core.retrieval.records import RecordsIndex

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is forked")

KILLS = 36  # at least; some 5 in a row, after 5 ms to the time that an undisturbed import takes
ROOT = Path(__file__).parents[3]


def card(number, **changes):
    facts = [f"Fact {number} of {line} was seen in {number % 7} of {line + 9} cases." for line in range(4)]
    return {
        "pmid": 1000 + number,
        "title": f"Observation number {number} on lamps and their keepers",
        "text": " ".join(facts),
        "year": 1990 + number % 30,
    } | changes


@pytest.fixture
def files(tmp_path):
    """Three files: new records, richer and equal ones, broken ones, and requests to delete some."""
    first = tmp_path / "first.jsonl"
    lines = [json.dumps(card(number)) for number in range(300)]
    first.write_text("\n".join([*lines[:100], "{broken", *lines[100:], *lines[:30]]) + "\n")
    second = tmp_path / "second.jsonl"
    richer = [card(number, text=card(number)["text"] + " " + "More was seen. " * 60) for number in range(80)]
    second.write_text("\n".join(json.dumps(each) for each in [*richer, {"title": 5}, card(999)]) + "\n")
    third = tmp_path / "third.xml"
    gone = "".join(f"<PMID>{1000 + number}</PMID>" for number in range(0, 60, 2))
    third.write_text(f"<PubmedArticleSet><DeleteCitation>{gone}</DeleteCitation></PubmedArticleSet>")
    return [first, second, third]


@pytest.fixture
def start(tmp_path, shelf, add_to, write_lines):
    """The shelf's folder as it is before the import, put aside."""
    from tests.fakes.hash_embedder import HashEmbedder

    add_to(write_lines(*(card(n, text="Old.") for n in range(290, 320))), embedder=HashEmbedder(dim=8))
    return shelf.folder.rename(tmp_path / "start")


@contextmanager
def importer(how, folder, log, files):
    """Give a function that imports for so many milliseconds at most."""
    command = [sys.executable, "-m", "tests.fakes.import_process", how, *map(str, (folder, log, *files))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen(command, **pipes) as process:

        def run(milliseconds):
            process.stdin.write(f"{milliseconds}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield run
        process.stdin.close()


def outcome(shelf):
    """Return all that a user could find in the library, and how."""
    folder, manifest = shelf.active_version("test")
    with DocumentStore.open(folder) as store:
        keys, vectors = store.all_vectors(manifest.dim)
        documents, texts = list(store.numbered()), list(store.texts())
    lexical = LexicalIndex.load(folder / "lexical")
    dense = DenseIndex.load(folder / "dense", manifest.dim, manifest.chunks)
    words = {
        query: sorted(lexical.search(query, 20).keys.tolist()) for query in ("fact 7", "lamps 250", "old")
    }
    nearest = [dense.search(vectors[place], 1).keys.tolist() for place in range(0, len(keys), 25)]
    records = RecordsIndex.load(folder / "records").count
    return documents, texts, keys.tolist(), vectors.tolist(), words, nearest, records


def embedded(folder):
    """Return the passages whose vectors are on the disk, in the version in use or the one being written."""
    found = set()
    for path in folder.glob("test/versions/[!.]*/documents.sqlite"):
        with DocumentStore.open(path.parent) as store:
            found |= {f"{title}|{text}" for _, title, text in store.texts()}
    staged = folder / "test" / "versions" / ".staging" / "documents.sqlite"
    if staged.exists():
        connection = sqlite3.connect(staged)
        query = """SELECT d.title, substr(d.text, c.start + 1, c."end" - c.start) FROM vectors v
            JOIN chunks c ON c.key = v.key JOIN documents d ON d.number = c.document"""
        found |= {f"{title}|{text}" for title, text in connection.execute(query)}
        connection.close()
    return found


@pytest.mark.parametrize("how", ["in turn", "beside"])
def test_that_an_import_killed_at_random_moments_ends_like_an_undisturbed_one(tmp_path, start, files, how):
    folder, log = tmp_path / "shelf", tmp_path / "log"
    chance = random.Random(4)
    shutil.copytree(start, folder)
    with importer(how, folder, log, files) as run:
        assert run(0) == "killed"  # the modules are loaded now
        began = time.perf_counter()
        undisturbed = json.loads(run(60_000))
        longest = max(100, (time.perf_counter() - began) * 1000)
        expected, before = outcome(Shelf(folder)), outcome(Shelf(start))
        assert min(undisturbed[name] for name in ("added", "updated", "duplicates", "deleted")) > 0
        assert undisturbed["failed"] == 2
        assert len(set(log.read_text().splitlines())) == len(log.read_text().splitlines())
        kills = 0
        while kills < KILLS:
            shutil.rmtree(folder)
            shutil.copytree(start, folder)
            killed = 0
            while True:
                kept = embedded(folder)
                log.write_bytes(b"")
                answer = run(chance.uniform(5, longest))
                again = kept & set(log.read_text().splitlines())
                assert not again, f"embedded again after {kills} kills: {sorted(again)[:3]}"
                if answer != "killed":
                    break
                killed, kills = killed + 1, kills + 1
                found = outcome(Shelf(folder))
                assert found in (before, expected)
                if found == expected:  # killed between its end and its answer
                    break
                if killed > 30:
                    pytest.fail("the import does not come forward")
            if answer != "killed":
                assert {**json.loads(answer), "seconds": 0} == {**undisturbed, "seconds": 0}
            assert outcome(Shelf(folder)) == expected
            assert Shelf(folder).verify("test") == []
