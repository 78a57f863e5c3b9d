"""What an import does with records, and what it leaves behind when it cannot finish."""

import errno
import gzip
import json
import random
import shutil
import subprocess
import sys
import time

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import IndexDamaged, IndexMismatch, InputUnreadable, LibraryBusy, StorageFull
from core.library.store import DocumentStore
from tests.fakes.hash_embedder import HashEmbedder

ASTHMA = {"pmid": 1, "title": "Inhaled steroids in mild asthma", "text": "They help. A lot.", "year": 2018}
GOUT = {"doi": "10.1000/GOUT", "title": "Allopurinol for gout in adults", "text": "It helps.", "year": 2019}
BOTH = {"pmid": 7, "doi": "10.1000/both", "title": "A paper with a DOI"}
ACNE = {"title": "Isotretinoin in severe acne vulgaris", "text": "It works.", "year": 2020}


def counts(report):
    return report.added, report.updated, report.duplicates, report.failed


def titles(shelf):
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        return [document.title for document in store.documents(0, 100)]


def test_that_new_records_are_added_and_the_library_is_sound(shelf, add_to, write_lines):
    report = add_to(write_lines(ASTHMA, GOUT, ACNE))
    assert counts(report) == (3, 0, 0, 0)
    assert (report.version, report.documents, report.chunks) == (2, 3, 3)
    assert shelf.verify("test") == []


def test_that_the_same_records_again_are_duplicates_and_make_no_new_version(shelf, add_to, write_lines):
    path = write_lines(ASTHMA, GOUT)
    add_to(path)
    version = shelf.info("test").version
    write_lines(GOUT, ASTHMA, ASTHMA)
    report = add_to(path)
    assert counts(report) == (0, 0, 3, 0)
    assert report.documents == 2
    assert shelf.info("test").version == version
    assert not shelf.versions("test").staging.exists()


def test_that_the_same_records_in_another_file_are_duplicates_found_in_both(
    shelf, add_to, write_lines, embedder
):
    add_to(write_lines(ASTHMA, GOUT))
    report = add_to(write_lines(GOUT, ASTHMA, name="again.jsonl"), collection="review")
    assert (counts(report), report.documents) == ((0, 0, 2, 0), 2)
    assert len(embedder.asked) == 2
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        document = store.find("1")
    assert (document.sources, document.collections) == (("cards.jsonl", "again.jsonl"), ("review",))
    assert shelf.verify("test") == []


@pytest.mark.parametrize(
    "newer",
    [
        ASTHMA | {"text": "They help, but not much.", "title": "Another and a longer title altogether"},
        GOUT | {"text": "It still helps.", "title": "Another and a longer title altogether", "pmid": 5},
        ACNE
        | {"text": "It still works.", "title": "ISOTRETINOIN in severe: acne vulgaris!", "doi": "10.1000/a"},
    ],
)
def test_that_a_richer_record_of_another_file_is_taken_over(shelf, add_to, write_lines, newer):
    add_to(write_lines(ASTHMA, GOUT, ACNE))
    report = add_to(write_lines(newer, name="new.jsonl"))
    assert counts(report) == (0, 1, 0, 0)
    assert (report.documents, report.chunks) == (3, 3)
    assert newer["title"] in titles(shelf)
    assert shelf.verify("test") == []


@pytest.mark.parametrize(
    "other",
    [
        BOTH | {"pmid": 8, "title": "A correction"},
        ASTHMA | {"pmid": 2},  # same title and year, another publication
        GOUT | {"doi": "10.1000/other"},
        ACNE | {"year": 1999},
        {"title": "Editorial", "text": "Another one.", "year": 2020},
    ],
)
def test_that_another_publication_is_not_taken_for_the_same(add_to, write_lines, other):
    add_to(write_lines(ASTHMA, GOUT, ACNE, BOTH, {"title": "Editorial", "text": "One.", "year": 2020}))
    assert counts(add_to(write_lines(other, name="new.jsonl"))) == (1, 0, 0, 0)


def test_that_a_record_changed_within_one_import_counts_once_each(shelf, add_to, write_lines, embedder):
    report = add_to(write_lines(ASTHMA, GOUT, ASTHMA | {"text": "They help, and a lot."}, ASTHMA))
    assert counts(report) == (2, 1, 1, 0)
    assert report.documents == 2
    assert len(embedder.asked) == 2  # the replaced text was never embedded
    assert shelf.verify("test") == []


def test_that_only_new_chunks_are_embedded_with_their_title(add_to, write_lines, embedder):
    add_to(write_lines(ASTHMA))
    add_to(write_lines(ASTHMA, GOUT, {"title": "Just a title"}, name="more.jsonl"))
    assert embedder.asked == [
        "Inhaled steroids in mild asthma\nThey help. A lot.",
        "Just a title",
        "Allopurinol for gout in adults\nIt helps.",
    ]


def test_that_bad_records_and_files_are_reported_and_the_others_go_in(shelf, add_to, write_lines, tmp_path):
    path = write_lines(ASTHMA, {"title": 5})
    (tmp_path / "empty.xml").write_bytes(b"")
    report = add_to(path, tmp_path / "empty.xml", tmp_path / "nowhere.xml")
    assert counts(report) == (1, 0, 0, 3)
    assert sorted((rejected.file.split("/")[-1], rejected.record) for rejected in report.report) == [
        ("cards.jsonl", 2),
        ("empty.xml", 0),
        ("nowhere.xml", 0),
    ]


def test_that_folders_are_read_with_all_below_them(add_to, write_lines, tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    write_lines(ASTHMA, name="in/a.jsonl")
    write_lines(GOUT, name="in/deep/b.jsonl")
    (tmp_path / "in" / ".DS_Store").write_bytes(b"\x00")
    assert counts(add_to(tmp_path / "in")) == (2, 0, 0, 0)


def test_that_an_import_of_nothing_readable_fails_and_leaves_nothing(shelf, add_to, tmp_path):
    with pytest.raises(InputUnreadable, match="does not exist"):
        add_to(tmp_path / "nowhere.xml")
    with pytest.raises(InputUnreadable, match="None of the 2 files"):
        add_to(tmp_path / "nowhere.xml", tmp_path / "neither.xml")
    (tmp_path / "void").mkdir()
    with pytest.raises(InputUnreadable, match="no files"):
        add_to(tmp_path / "void")
    assert not shelf.folder.exists()


def test_that_an_import_of_only_bad_records_makes_no_library(shelf, add_to, write_lines):
    report = add_to(write_lines({"title": 5}))
    assert (counts(report), report.documents) == ((0, 0, 0, 1), 0)
    assert shelf.names() == []
    assert not (shelf.folder / "test").exists()


def test_that_another_embedder_is_refused_with_the_remedy(add_to, write_lines):
    path = write_lines(ASTHMA)
    add_to(path)
    with pytest.raises(IndexMismatch) as failure:
        add_to(path, embedder=HashEmbedder(fingerprint="hash-2"))
    assert "remove this one" in failure.value.hint


def test_that_a_damaged_library_is_reported_and_kept(shelf, add_to, write_lines):
    add_to(write_lines(ASTHMA))
    folder = shelf.active_version("test")[0]
    (folder / "documents.sqlite").write_bytes(b"rubbish" * 1000)
    with pytest.raises(IndexDamaged):
        add_to(write_lines(GOUT, name="b.jsonl"))
    assert shelf.active_version("test")[0] == folder


def test_that_steps_are_told(add_to, write_lines, tmp_path):
    steps = []
    add_to(write_lines(ASTHMA, GOUT), progress=lambda *step: steps.append(step))
    size = (tmp_path / "cards.jsonl").stat().st_size
    assert steps[:4] == [
        ("read", 0, size, "bytes"),
        ("records", 2, None, "records"),
        ("embed", 2, None, "passages"),
        ("read", size, size, "bytes"),
    ]
    assert [step[0] for step in steps[4:]] == ["index words", "index records", "index vectors", "check"]


@pytest.mark.parametrize("name", ["big.jsonl", "big.jsonl.gz"])
def test_that_it_is_told_how_far_one_big_file_is_read_also_when_it_is_gone_on_with(tmp_path, add_to, name):
    path = tmp_path / name
    chance = random.Random(0)
    texts = (" ".join(f"Of {chance.getrandbits(40)} some." for _ in range(30)) for _ in range(2000))
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    path.write_bytes(gzip.compress(lines) if name.endswith("gz") else lines)
    size, token, told = path.stat().st_size, CancelToken(), []

    def note(step, done, total, unit):
        if step == "read":
            told.append(done)
            assert total == size
            if done > size / 2:
                token.cancel()

    with pytest.raises(Cancelled):
        add_to(path, cancel=token, progress=note)
    assert told[0] == 0
    assert len(set(told)) > 3
    assert told == sorted(told)
    stopped, told[:], token = told[-1], [], CancelToken()
    add_to(path, progress=note)
    assert stopped * 0.9 < told[0] < size
    assert told == sorted(told)
    assert told[-1] == size


def test_that_a_cancelled_import_changes_nothing_and_can_go_on(shelf, add_to, write_lines, embedder):
    add_to(write_lines(ASTHMA))
    version = shelf.info("test").version
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        add_to(write_lines(GOUT, name="b.jsonl"), cancel=token)
    assert len(embedder.asked) == 1  # nothing of the cancelled import
    assert shelf.info("test").version == version
    assert counts(add_to(write_lines(GOUT, name="b.jsonl"))) == (1, 0, 0, 0)


def test_that_a_second_writer_is_told_to_wait(shelf, add_to, write_lines):
    hold = "import sys\nfrom pathlib import Path\nfrom core.library.shelf import Shelf\n"
    hold += "with Shelf(Path(sys.argv[1])).lock('test'): print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(shelf.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LibraryBusy) as failure:
            add_to(write_lines(ASTHMA))
        assert failure.value.hint
        other.stdin.close()
    assert counts(add_to(write_lines(ASTHMA))) == (1, 0, 0, 0)


def no_room(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "place",
    [
        "core.retrieval.dense.DenseIndex.save",
        "core.library.finishing.write_manifest",
        "core.library.staging.copy_file",
        "core.library.versions.write_atomically",
    ],
)
def test_that_a_full_disk_keeps_the_library_and_the_import_goes_on(
    shelf, add_to, write_lines, monkeypatch, place
):
    add_to(write_lines(ASTHMA))
    version = shelf.info("test").version
    more = write_lines(GOUT, ACNE, name="more.jsonl")
    with monkeypatch.context() as patch:
        patch.setattr(place, no_room)
        with pytest.raises(StorageFull) as failure:
            add_to(more)
    assert "goes on where it stopped" in failure.value.hint
    assert shelf.info("test").version == version
    assert shelf.verify("test") == []
    assert counts(add_to(more)) == (2, 0, 0, 0)
    assert shelf.verify("test") == []


def test_that_too_little_room_is_known_before_the_start(shelf, add_to, write_lines, monkeypatch):
    usage = shutil._ntuple_diskusage(10**9, 10**9, 1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(StorageFull, match="not enough room"):
        add_to(write_lines(ASTHMA))
    assert shelf.names() == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of two megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_that_an_import_goes_on_where_the_disk_was_full(small_disk, write_lines, monkeypatch, embedder):
    from core.library.ingest import add
    from core.library.shelf import Shelf

    monkeypatch.setattr("core.library.writing.check_space", lambda *_: None)
    texts = (" ".join(f"{n}.{word}" for word in range(500)) for n in range(600))
    path = write_lines(*({"title": f"Card {n}", "text": text} for n, text in enumerate(texts)))
    shelf = Shelf(small_disk)
    with pytest.raises(StorageFull, match="is full"):
        add(shelf, "test", [path], embedder, CancelToken(), lambda *_: None)
    assert shelf.names() == []
    asked = len(embedder.asked)
    assert asked >= 256  # more than a batch, so that something was kept
    subprocess.run(["mount", "-o", "remount,size=32m", str(small_disk)], check=True)
    report = add(shelf, "test", [path], embedder, CancelToken(), lambda *_: None)
    assert (report.added, report.failed) == (600, 0)
    again = len(embedder.asked) - len(set(embedder.asked))
    assert again <= 258  # the batch that did not fit
    assert again < asked
    assert shelf.verify("test") == []


@pytest.mark.shared
def test_that_all_real_exports_go_in_and_come_out(shelf, add_to, shared):
    start = time.perf_counter()
    report = add_to(shared / "pubmed", shared / "pubmedqa" / "ori_pqal.json")
    assert counts(report) == (1013, 0, 0, 0)
    assert report.documents == 1013
    assert shelf.verify("test") == []
    assert time.perf_counter() - start < 60
