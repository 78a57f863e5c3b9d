"""A library travels as one file, and comes in whole and checked, or not at all."""

import json
import sqlite3
import tarfile
from dataclasses import replace

import pytest

from core.bundles.making import Label, create
from core.cancel import Cancelled, CancelToken
from core.errors import BundleRefused, InputUnreadable, LibraryMissing, StorageFull
from core.library.readers.formats import Format
from core.library.records import make_document
from core.library.shelf import Shelf
from core.library.store import DocumentStore
from core.library.transfer import export_library, import_library, verify_file

CARDS = [{"title": f"A card about the subject {n}", "text": f"Fact {n}. More of it."} for n in range(5)]


def quiet(*_):
    return None


@pytest.fixture
def exported(shelf, add_to, write_lines, tmp_path, monkeypatch):
    """The file of the library "test", one document of which has an original."""
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7 not really")
    document = replace(
        make_document(title="A paper with pages", sections=[("", "Page.")], source="paper.pdf"),
        original=str(paper),
    )
    as_pdf = Format(
        "PDF", (".pdf",), lambda head: head.raw.startswith(b"%PDF"), lambda path: iter([document])
    )
    monkeypatch.setattr("core.library.readers.detect.FORMATS", (as_pdf, *_formats()))
    add_to(write_lines(*CARDS), paper)
    target = tmp_path / "test.vademecum"
    export_library(shelf, "test", target, CancelToken(), quiet)
    return target


def _formats():
    from core.library.readers.detect import FORMATS

    return FORMATS


@pytest.fixture
def other(tmp_path):
    return Shelf(tmp_path / "elsewhere")


def take_in(shelf, path, name="", cancel=None):
    return import_library(shelf, path, name, cancel or CancelToken(), quiet)


def content(shelf, name):
    folder, manifest = shelf.active_version(name)
    with DocumentStore.open(folder) as store:
        keys, vectors = store.all_vectors(manifest.dim)
        return list(store.numbered()), list(store.texts()), keys.tolist(), vectors.tolist()


def test_that_a_library_comes_in_as_it_went_out(shelf, exported, other):
    info = take_in(other, exported)
    assert (info.name, info.documents) == ("test", 6)
    assert content(other, "test") == content(shelf, "test")
    assert other.verify("test") == []
    (name,) = other.versions("test").originals.names()
    assert other.versions("test").originals.path(name).read_bytes().startswith(b"%PDF")
    assert not [path for path in other.folder.iterdir() if path.name.startswith(".incoming")]


def test_that_it_can_have_another_name_but_not_one_that_is_taken(exported, other):
    assert take_in(other, exported, "copy").name == "copy"
    with pytest.raises(InputUnreadable, match="already"):
        take_in(other, exported, "copy")
    with pytest.raises(InputUnreadable, match="cannot be the name"):
        take_in(other, exported, "../x")


def test_that_an_imported_library_grows_without_embedding_what_it_has(exported, other, embedder, write_lines):
    from core.library.ingest import add

    take_in(other, exported)
    asked = len(embedder.asked)
    report = add(other, "test", [write_lines({"title": "One more"})], embedder, CancelToken(), quiet)
    assert (report.added, report.documents, len(embedder.asked)) == (1, 7, asked + 1)
    assert other.verify("test") == []


def test_that_a_file_that_exists_is_not_written_over_and_no_library_is_none(shelf, exported, tmp_path):
    with pytest.raises(InputUnreadable, match="already"):
        export_library(shelf, "test", exported, CancelToken(), quiet)
    with pytest.raises(LibraryMissing):
        export_library(shelf, "nowhere", tmp_path / "x", CancelToken(), quiet)


@pytest.mark.parametrize("part", range(12))
def test_that_a_flipped_byte_anywhere_is_refused_and_leaves_nothing(exported, other, part):
    body = bytearray(exported.read_bytes())
    body[len(body) * part // 12 + 5] ^= 1
    exported.write_bytes(body)
    with pytest.raises(BundleRefused):
        verify_file(exported, CancelToken())
    with pytest.raises(BundleRefused):
        take_in(other, exported)
    assert other.names() == []
    assert left_in(other) == []


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_that_a_file_that_was_cut_off_is_refused(exported, other, share):
    body = exported.read_bytes()
    exported.write_bytes(body[: int(len(body) * share)])
    with pytest.raises(BundleRefused):
        take_in(other, exported)
    assert left_in(other) == []


def left_in(shelf):
    return [path for path in shelf.folder.rglob("*") if path.is_file() and ".locks" not in path.parts]


def bundle(tmp_path, files, kind="library"):
    """Write a bundle of ``files`` (path in it: content); return its path."""
    folder = tmp_path / "made"
    folder.mkdir(exist_ok=True)
    pairs = []
    for number, (name, body) in enumerate(files.items()):
        path = folder / str(number)
        path.write_bytes(body)
        pairs.append((name, path))
    target = tmp_path / "made.vademecum"
    create(target, Label(kind, "made", "1", "none"), pairs, None, None, CancelToken(), quiet)
    return target


def parts_of(path):
    with tarfile.open(path) as archive:
        names = [name for name in archive.getnames() if name.startswith("content/")]
        return {name.removeprefix("content/"): archive.extractfile(name).read() for name in names}


def spoiled(tmp_path, body, *statements):
    """Return the database ``body`` after ``statements``."""
    path = tmp_path / "spoiled.sqlite"
    path.write_bytes(body)
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


CHANGES = {
    "a newer format": lambda parts, _: {"library.json": changed(parts, schema=99)},
    "no facts": lambda parts, _: {"library.json": b"[]"},
    "other counts": lambda parts, _: {"library.json": changed(parts, documents=7)},
    "another length of vectors": lambda parts, _: {"library.json": changed(parts, dim=17)},
    "a file that no library has": lambda parts, _: {"lexical/meta.json": b"{}"},
    "a file below files": lambda parts, _: {"files/deep/x.pdf": b"x"},
    "an original under another name": lambda parts, _: {"files/" + "0" * 64 + ".pdf": b"x"},
    "no database": lambda parts, _: {"documents.sqlite": b"x"},
    "a trigger": lambda parts, tmp: {
        "documents.sqlite": spoiled(
            tmp,
            parts["documents.sqlite"],
            "CREATE TRIGGER t AFTER DELETE ON chunks BEGIN DELETE FROM documents; END",
        )
    },
    "a changed text": lambda parts, tmp: {
        "documents.sqlite": spoiled(
            tmp, parts["documents.sqlite"], "UPDATE documents SET text = replace(text, 'Fact', 'Lie ')"
        )
    },
    "a passage outside its text": lambda parts, tmp: {
        "documents.sqlite": spoiled(tmp, parts["documents.sqlite"], 'UPDATE chunks SET "end" = 99999')
    },
    "a missing vector": lambda parts, tmp: {
        "documents.sqlite": spoiled(tmp, parts["documents.sqlite"], "DELETE FROM vectors WHERE key = 2")
    },
}


def changed(parts, **facts):
    return json.dumps(json.loads(parts["library.json"]) | facts).encode()


@pytest.mark.parametrize("change", CHANGES)
def test_that_a_library_that_is_not_what_it_should_be_is_refused(exported, other, tmp_path, change):
    parts = parts_of(exported)
    hostile = bundle(tmp_path, parts | CHANGES[change](parts, tmp_path))
    verify_file(hostile, CancelToken())  # as a bundle it is whole
    with pytest.raises(BundleRefused):
        take_in(other, hostile)
    assert other.names() == []
    assert left_in(other) == []


def test_that_a_library_without_its_originals_is_refused(exported, other, tmp_path):
    parts = {name: body for name, body in parts_of(exported).items() if not name.startswith("files/")}
    with pytest.raises(BundleRefused, match="lacks the file"):
        take_in(other, bundle(tmp_path, parts))


def test_that_a_bundle_of_something_else_is_refused(other, tmp_path):
    with pytest.raises(BundleRefused, match="no library"):
        take_in(other, bundle(tmp_path, {"config.json": b"{}"}, kind="model"))
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    with pytest.raises(BundleRefused, match="no bundle"):
        take_in(other, path)


def test_that_a_full_disk_and_a_cancel_leave_nothing(exported, other, monkeypatch):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        take_in(other, exported, cancel=cancel)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(StorageFull):
        take_in(other, exported)
    assert left_in(other) == []
