"""Small libraries made by a real import, with an embedder that needs no model."""

import json

import pytest

from core.cancel import CancelToken
from core.library.ingest import add
from core.library.retractions import Retractions
from core.library.shelf import Shelf
from core.retrieval.library import open_library
from tests.fakes.hash_embedder import HashEmbedder


@pytest.fixture(scope="session")
def make_library(tmp_path_factory):
    """Return a function that imports records and opens the library."""

    def make(records, name="test", retractions=Retractions()):  # noqa: B008 (a frozen value)
        folder = tmp_path_factory.mktemp("shelf")
        path = folder / "records.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        shelf = Shelf(folder / "libraries")
        add(shelf, name, [path], HashEmbedder(), CancelToken(), lambda *_: None)
        version, manifest = shelf.active_version(name)
        return open_library(version, name, manifest, retractions)

    return make
