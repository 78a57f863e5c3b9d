"""The store gives back what was put in, and says when its file is damaged."""

import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import IndexDamaged
from core.library import schema
from core.library.chunking import pack
from core.library.records import make_document
from core.library.staging import Plan, Staging, finish
from core.library.store import DocumentStore

DOCUMENT = make_document(
    title="A title of four words",
    sections=[("AIM", "To see 😀 it. Really."), ("RESULTS", "Seen.")],
    source="a.xml",
    pmid="123",
    doi="10.1000/x",
    pmcid="PMC4",
    authors=["Doe, Jane"],
    journal="J",
    year=2001,
    publication_types=["Review"],
    mesh=["Asthma"],
    language="eng",
    retracted=True,
    external_id="7",
)


def fill(folder, *documents, words=3, dim=4):
    """Write a finished version with ``documents``; return the vectors by chunk key."""
    stage = Staging.open(folder, None, Plan("input", None, "hash-1"))
    for document in documents:
        stage.editor.insert(document, pack(document.text, words))
    vectors = {key: np.full(dim, key, np.float32) for key in stage.editor.waiting}
    stage.commit(list(vectors), np.array(list(vectors.values()), np.float32).reshape(-1, dim))
    stage.close()
    finish(folder)
    return vectors


@pytest.fixture
def folder(tmp_path):
    fill(tmp_path / "v", DOCUMENT, make_document(title="Other", sections=[], source="b"))
    return tmp_path / "v"


@pytest.fixture
def store(folder):
    with DocumentStore.open(folder) as opened:
        yield opened


def test_that_a_document_comes_back_as_it_was(store):
    assert store.document(DOCUMENT.id) == DOCUMENT
    assert store.document("0" * 16) is None


@pytest.mark.parametrize("name", [DOCUMENT.id, "123", "10.1000/X", " 123 "])
def test_that_a_document_is_found_by_each_of_its_names(store, name):
    assert store.find(name) == DOCUMENT


def test_that_pages_list_documents_in_the_order_they_came(store):
    assert [document.title for document in store.documents(0, 9)] == [DOCUMENT.title, "Other"]
    assert [document.title for document in store.documents(1, 1)] == ["Other"]


def test_that_chunks_come_in_the_order_asked_for_and_fit_the_text(store):
    assert store.counts() == (2, 3)
    assert [chunk.key for chunk in store.chunks([3, 1, 2])] == [3, 1, 2]
    chunks = store.chunks_of(DOCUMENT.id)
    assert [chunk.ordinal for chunk in chunks] == [0, 1]
    assert all(chunk.text == DOCUMENT.text[chunk.start : chunk.end] for chunk in chunks)


def test_that_a_chunk_which_only_an_index_knows_is_damage(store):
    with pytest.raises(IndexDamaged, match="no chunk 99"):
        store.chunks([1, 99])


def test_that_references_carry_no_text(store):
    refs = store.refs({DOCUMENT.id, "unknown"})
    assert list(refs) == [DOCUMENT.id]
    assert (refs[DOCUMENT.id].pmid, refs[DOCUMENT.id].publication_types) == ("123", ("Review",))
    assert refs[DOCUMENT.id].retracted


def test_that_texts_and_vectors_stream_by_key(store):
    assert [key for key, _, _ in store.texts()] == [1, 2, 3]
    assert [title for _, title, _ in store.texts()] == [DOCUMENT.title] * 2 + ["Other"]
    batches = list(store.vectors(batch=2))
    assert [len(keys) for keys, _ in batches] == [2, 1]
    keys, matrix = store.all_vectors(4)
    assert keys.tolist() == [1, 2, 3]
    assert matrix.tolist() == [[float(key)] * 4 for key in keys]


def test_that_vectors_of_another_length_are_damage(store):
    with pytest.raises(IndexDamaged, match="wrong length"):
        store.all_vectors(5)


TEXTS = st.text(st.sampled_from("ab. É😀\n-"), min_size=1, max_size=120)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_that_every_chunk_is_exactly_its_stretch_of_the_stored_text(tmp_path_factory, texts):
    documents = {}
    for number, (title, text) in enumerate(texts):
        document = make_document(title=f"t {title}", sections=[("", text)], source="x", pmid=str(number + 1))
        documents[document.id] = document
    folder = tmp_path_factory.mktemp("store") / "v"
    fill(folder, *documents.values())
    with DocumentStore.open(folder) as store:
        for identifier, document in documents.items():
            stored = store.document(identifier)
            chunks = store.chunks_of(identifier)
            assert stored == document
            assert chunks
            assert all(stored.text[c.start : c.end] == c.text for c in chunks)
            assert store.chunks([c.key for c in chunks]) == chunks


def test_that_a_missing_file_is_damage_with_a_hint(tmp_path):
    with pytest.raises(IndexDamaged, match="is missing") as failure:
        DocumentStore.open(tmp_path)
    assert "vademecum library" in failure.value.hint


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, b"SQLite format 3\x00" + b"x" * 5000])
def test_that_a_file_that_is_no_library_is_damage(folder, content):
    (folder / schema.FILE).write_bytes(content)
    with pytest.raises(IndexDamaged):
        DocumentStore.open(folder)


def test_that_damage_inside_the_file_is_found_on_reading(folder):
    path = folder / schema.FILE
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with DocumentStore.open(folder) as store, pytest.raises(IndexDamaged, match="Cannot read"):
        store.documents(0, 10)


def test_that_a_file_of_a_newer_version_is_refused(folder):
    connection = sqlite3.connect(folder / schema.FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexDamaged, match="newer Vademecum") as failure:
        DocumentStore.open(folder)
    assert failure.value.hint == "Update Vademecum."


def test_that_the_store_opens_without_the_machine_learning_stack():
    code = "import sys, core.library.store, core.library.shelf, core.library.ingest; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(loaded.stdout.split()) & {
        "torch",
        "hnswlib",
        "tantivy",
        "sentence_transformers",
        "PySide6",
    }


def test_that_every_chunk_is_told_its_document(add_to, write_lines, shelf):
    records = [{"id": str(i), "title": f"Title {i}", "abstract": "Words. " * 150 * i} for i in range(1, 4)]
    add_to(write_lines(*records))
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        keys = [chunk.key for _, document in store.numbered() for chunk in store.chunks_of(document.id)]
        assert len(keys) > 3
        owners = store.owners()
        assert owners[keys].tolist() == store.numbers(keys).tolist()
        assert np.count_nonzero(owners) == len(keys)
