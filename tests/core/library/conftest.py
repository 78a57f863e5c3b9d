"""A shelf in a temporary folder, and files to fill it with."""

import json

import pytest

from core.cancel import CancelToken
from core.library.ingest import add
from core.library.shelf import Shelf
from tests.fakes.hash_embedder import HashEmbedder


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "libraries")


@pytest.fixture
def embedder():
    return HashEmbedder()


@pytest.fixture
def write_lines(tmp_path):
    """Write records as JSON lines; return the path."""

    def write(*records, name="cards.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        return path

    return write


@pytest.fixture
def add_to(shelf, embedder):
    """Add files to the library "test"."""

    def run(*paths, **changes):
        options = {"embedder": embedder, "cancel": CancelToken(), "progress": lambda *_: None} | changes
        return add(shelf, "test", list(paths), **options)

    return run
