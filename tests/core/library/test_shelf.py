"""Libraries by name: listed, described, removed, verified."""

import sqlite3
from dataclasses import replace

import pytest

from core.cancel import CancelToken
from core.errors import IndexDamaged, IndexMismatch, InputUnreadable, LibraryBusy, LibraryMissing
from core.library import integrity
from core.library.ingest import add
from core.library.reindex import reindex
from core.library.shelf import Shelf
from core.library.store import DocumentStore
from core.library.versions import Versions, read_manifest, write_atomically
from core.retrieval.dense import DenseIndex
from core.retrieval.lexical import LexicalIndex
from tests.fakes.hash_embedder import HashEmbedder

CARDS = [{"title": f"A card about the subject {n}", "text": f"Fact {n}. More of it."} for n in range(5)]


@pytest.fixture
def library(shelf, add_to, write_lines):
    add_to(write_lines(*CARDS))
    return shelf.active_version("test")[0]


def test_that_a_library_is_listed_and_described(shelf, library):
    assert shelf.names() == ["test"]
    info = shelf.info("test")
    assert (info.name, info.documents, info.chunks, info.embedder) == ("test", 5, 5, "hash-1")
    assert info.bytes == sum(file.size for file in read_manifest(library).files) > 0
    assert info.version == library.name


def test_that_an_empty_shelf_has_no_libraries_and_says_how_to_list_them(shelf):
    assert shelf.names() == []
    with pytest.raises(LibraryMissing) as failure:
        shelf.active_version("test")
    assert "vademecum library list" in failure.value.hint


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", "a\\b", ".x", "x.", "x ", "con", "NUL.txt", "a" * 65, "x\n"]
)
def test_that_a_name_that_is_no_folder_is_refused(shelf, name):
    with pytest.raises(InputUnreadable, match="cannot be the name"):
        shelf.active_version(name)


@pytest.mark.parametrize("name", ["a", "My cards 2", "a.b-c_d"])
def test_that_ordinary_names_are_fine(shelf, name):
    assert shelf.versions(name).folder.name == name


def test_that_a_removed_library_is_gone(shelf, library):
    shelf.remove("test")
    assert shelf.names() == []
    assert not library.exists()
    with pytest.raises(LibraryMissing):
        shelf.remove("test")


def test_that_a_library_being_written_is_not_removed(shelf, library):
    with shelf.lock("test"), pytest.raises(LibraryBusy):
        Shelf(shelf.folder).remove("test")
    assert shelf.names() == ["test"]


def test_that_a_sound_library_has_no_problems(shelf, library):
    assert shelf.verify("test") == []


@pytest.mark.parametrize("part", ["documents.sqlite", "dense/vectors.bin", "lexical/meta.json"])
def test_that_verify_finds_one_flipped_byte(shelf, library, part):
    path = library / part
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert f"{part} has changed since it was written." in shelf.verify("test")


def test_that_a_changed_text_is_found_even_if_the_file_is_whole(library):
    with sqlite3.connect(library / "documents.sqlite") as connection:
        connection.execute("UPDATE documents SET text = replace(text, 'Fact', 'Lie ') WHERE number = 2")
    connection.close()
    (problem,) = integrity.content_problems(library, read_manifest(library))
    assert "is not what it was when it came in" in problem


def test_that_counts_which_differ_from_the_manifest_are_found(library):
    problems = integrity.content_problems(library, replace(read_manifest(library), chunks=4))
    assert len(problems) == 3  # database, vectors, words
    assert "The word index holds 5 chunks, not 4." in problems
    assert "The index of vectors holds 1 deleted ones, not 0." in problems


def test_that_verify_finds_missing_and_foreign_files(shelf, library):
    (library / "dense" / "vectors.bin").unlink()
    (library / "extra").write_text("x")
    problems = " ".join(shelf.verify("test"))
    assert "dense/vectors.bin cannot be read" in problems
    assert "extra does not belong" in problems


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "names no"),
        (b"../../etc\n", "names no"),
        (b".staging\n", "names no"),
        (b"\xff\xfe", "Cannot read"),
        (b"gone\n", "Cannot read"),
    ],
)
def test_that_a_broken_pointer_is_damage(shelf, library, content, message):
    (shelf.folder / "test" / "active").write_bytes(content)
    with pytest.raises(IndexDamaged, match=message):
        shelf.active_version("test")
    assert shelf.verify("test")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"schema": 1}', b'{"schema": 99}'])
def test_that_a_broken_manifest_is_damage(shelf, library, content):
    (library / "manifest.json").write_bytes(content)
    with pytest.raises(IndexDamaged):
        shelf.info("test")


def test_that_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "active"
    write_atomically(path, b"old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk gone")))
    with pytest.raises(OSError, match="disk gone"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_that_only_the_version_in_use_and_its_parent_are_kept(shelf, add_to, write_lines):
    made = []
    for number in range(3):
        add_to(write_lines(*CARDS, {"title": f"One more card {number}"}))
        made.append(shelf.active_version("test")[0])
    assert [path.exists() for path in made] == [False, True, True]
    assert Versions(shelf.folder / "test").active() == made[-1].name
    assert sorted(p.name for p in made[-1].parent.iterdir()) == [made[1].name, made[2].name]


@pytest.fixture
def grown(library, add_to, write_lines):
    """The library after a second import: the file that brought one more document."""
    source = write_lines({"title": "One more card"}, name="more.jsonl")
    add_to(source)
    return source


def test_that_one_call_takes_a_library_back_to_before_the_last_import(shelf, library, grown):
    assert shelf.info("test").documents == 6
    assert shelf.before("test").version == library.name
    assert shelf.revert("test") == shelf.info("test")
    assert (shelf.info("test").documents, shelf.active_version("test")[0]) == (5, library)
    assert shelf.verify("test") == []


def test_that_a_revert_can_be_undone_until_the_next_import(shelf, grown, add_to, write_lines):
    left = shelf.info("test")
    shelf.revert("test")
    shelf.use("test", left.version)
    assert shelf.info("test") == left
    assert shelf.verify("test") == []
    shelf.revert("test")
    add_to(write_lines({"title": "Another card"}, name="other.jsonl"))
    with pytest.raises(LibraryMissing, match="not there any more"):
        shelf.use("test", left.version)
    assert shelf.info("test").documents == 6


def test_that_the_same_files_added_after_a_revert_are_not_embedded_again(shelf, grown, add_to):
    shelf.revert("test")
    second = HashEmbedder()
    assert add_to(grown, embedder=second).documents == 6
    assert second.asked == []
    assert shelf.verify("test") == []


def test_that_a_library_without_a_version_before_is_not_reverted(shelf, library):
    assert shelf.before("test") is None
    with pytest.raises(LibraryMissing, match="no version before"):
        shelf.revert("test")
    with pytest.raises(LibraryMissing, match="no library"):
        shelf.revert("nowhere")
    assert shelf.active_version("test")[0] == library


def test_that_a_library_being_written_is_not_reverted(shelf, grown):
    before = shelf.info("test")
    with shelf.lock("test"):
        for change in (lambda: Shelf(shelf.folder).revert("test"), lambda: shelf.use("test", before.version)):
            with pytest.raises(LibraryBusy):
                change()
    assert shelf.info("test") == before


def test_that_a_damaged_version_before_is_not_gone_back_to(shelf, library, grown):
    before = shelf.info("test")
    (library / "manifest.json").write_bytes(b"{")
    with pytest.raises(IndexDamaged):
        shelf.revert("test")
    assert shelf.info("test") == before


def test_that_verify_notices_passages_that_are_not_found(library, shelf, tmp_path):
    with DocumentStore.open(library) as store:
        keys, vectors = store.all_vectors(16)
        texts = list(store.texts())
    (library / "dense" / "vectors.bin").unlink()
    DenseIndex.build(keys + 100, vectors).save(library / "dense")
    for path in (library / "lexical").iterdir():
        path.unlink()
    LexicalIndex.build(library / "lexical", [(key, "Nothing", "of the kind") for key, _, _ in texts])
    problems = integrity.content_problems(library, read_manifest(library))
    assert len(problems) == 10
    assert "Passage 1 is not found by its own vector." in problems
    assert any(problem.startswith("Passage 5 is not found by its words") for problem in problems)


def test_that_versions_are_kept_as_wanted_and_any_can_be_taken_into_use(shelf, add_to, write_lines):
    add_to(write_lines(*CARDS))
    shelf.versions("test").set_kept(3)
    for number in range(4):
        add_to(write_lines({"title": f"One more card {number}"}, name=f"{number}.jsonl"))
    history = shelf.history("test")
    assert [info.documents for info in history] == [9, 8, 7, 6]
    assert [info.parent for info in history[:3]] == [info.version for info in history[1:]]
    assert (history[0].change.kind, history[0].change.added) == ("import", 1)
    assert shelf.rollback("test", history[2].version) == shelf.info("test")
    assert shelf.info("test").documents == 7
    assert shelf.rollback("test", history[0].version).documents == 9
    with pytest.raises(LibraryMissing, match="no version"):
        shelf.rollback("test", "../other")


def test_that_a_version_of_another_search_model_is_not_rolled_back_to(shelf, library):
    reindex(shelf, "test", HashEmbedder(fingerprint="hash-2"), CancelToken(), lambda *_: None)
    with pytest.raises(IndexMismatch):
        shelf.rollback("test", library.name)


def test_that_a_version_that_is_kept_is_not_lost_to_another_import_after_a_rollback(shelf, grown, library):
    left = shelf.info("test").version
    shelf.versions("test").set_kept(5)
    shelf.rollback("test", library.name)
    other = grown.with_name("other.jsonl")
    other.write_text('{"title": "Quite another card"}\n')
    add(shelf, "test", [other], HashEmbedder(), CancelToken(), lambda *_: None)
    assert left in [info.version for info in shelf.history("test")]
