"""What grows, changes and shrinks in a library, and that nothing is embedded twice for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import LibraryMissing
from core.library.finishing import _STALE
from core.library.ingest import compact, delete
from core.library.readers import detect
from core.library.readers.formats import Format
from core.library.records import make_document
from core.library.store import DocumentStore
from core.retrieval.dense import DenseIndex
from core.retrieval.lexical import LexicalIndex
from core.retrieval.records import RecordsIndex
from tests.fakes.hash_embedder import HashEmbedder

ASTHMA = {"pmid": 1, "title": "Inhaled steroids in mild asthma", "text": "They help. A lot.", "year": 2018}
LONG = {
    "pmid": 2,
    "title": "A long paper about lamps",
    "text": " ".join(f"Lamp {n} burns." for n in range(200)),
}
CARDS = [{"pmid": 100 + n, "title": f"A card about the subject {n}", "text": f"Fact {n}."} for n in range(40)]


def quiet(*_):
    return None


def documents(shelf):
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        return {document.pmid: document for document in store.documents(0, 1000)}


def keys(shelf):
    """Return the key of each passage by its text."""
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        return {f"{title}|{text}": key for key, title, text in store.texts()}


def take_out(shelf, *names):
    return delete(shelf, "test", names, CancelToken(), quiet)


def test_that_a_change_of_what_is_not_embedded_embeds_nothing(shelf, add_to, write_lines, embedder):
    add_to(write_lines(ASTHMA, LONG))
    before, asked = keys(shelf), len(embedder.asked)
    report = add_to(write_lines(ASTHMA | {"mesh": ["Asthma"], "doi": "10.1000/a"}, name="more.jsonl"))
    assert (report.updated, len(embedder.asked)) == (1, asked)
    assert documents(shelf)["1"].mesh == ("Asthma",)
    assert keys(shelf) == before
    assert shelf.verify("test") == []


def test_that_passages_which_stay_keep_key_and_vector(shelf, add_to, write_lines, embedder):
    add_to(write_lines(LONG))
    before, asked = keys(shelf), len(embedder.asked)
    assert len(before) == 4
    longer = LONG | {"abstract": [{"label": "", "text": LONG["text"]}, {"label": "", "text": "And more."}]}
    add_to(write_lines(longer, name="more.jsonl"))
    after = keys(shelf)
    again = set(embedder.asked[asked:])
    assert {text for text, key in after.items() if key in before.values()} == set(before) & set(after)
    assert len(again) == len(set(after) - set(before))
    assert shelf.verify("test") == []


def test_that_three_records_known_apart_become_one_by_a_fourth(shelf, add_to, write_lines):
    add_to(write_lines({"pmid": 1, "title": "As one database has it", "text": "Short."}))
    add_to(write_lines({"doi": "10.1000/a", "title": "As another has it", "text": "A longer text."}))
    assert len(keys(shelf)) == 2
    report = add_to(write_lines({"pmid": 1, "doi": "10.1000/a", "title": "Both"}, name="both.jsonl"))
    assert (report.updated, report.documents) == (1, 1)
    merged = documents(shelf)["1"]
    assert (merged.doi, merged.text) == ("10.1000/a", "A longer text.")
    assert merged.sources == ("cards.jsonl", "both.jsonl")
    assert shelf.verify("test") == []


def test_that_a_file_read_again_has_the_last_word_on_what_only_it_brought(shelf, add_to, write_lines):
    add_to(write_lines(ASTHMA, LONG))
    add_to(write_lines(LONG, name="other.jsonl"))
    shorter = {"text": "No."}
    report = add_to(write_lines(ASTHMA | shorter, LONG | shorter))
    assert (report.updated, report.duplicates) == (1, 1)
    assert documents(shelf)["1"].text == "No."
    assert documents(shelf)["2"].text.startswith("Lamp 0 burns.")


def test_that_pubmed_deletes_what_it_asks_to_delete(shelf, add_to, write_lines, tmp_path):
    add_to(write_lines(ASTHMA, LONG))
    update = tmp_path / "update.xml"
    gone = "<DeleteCitation><PMID>1</PMID><PMID>77</PMID></DeleteCitation>"
    update.write_text(f"<PubmedArticleSet>{gone}</PubmedArticleSet>")
    report = add_to(update)
    assert (report.deleted, report.duplicates, report.documents) == (1, 1, 1)
    assert list(documents(shelf)) == ["2"]
    assert shelf.verify("test") == []


def test_that_every_record_is_counted_once_and_under_its_file(add_to, write_lines, tmp_path):
    one = write_lines(ASTHMA, {"title": 5}, ASTHMA, name="one.jsonl")
    two = write_lines(ASTHMA | {"mesh": ["Asthma"]}, LONG, name="two.jsonl")
    (tmp_path / "empty.xml").write_bytes(b"")
    report = add_to(one, two, tmp_path / "empty.xml")
    counted = {
        Path(each.file).name: (each.format, each.added, each.updated, each.duplicates, each.failed)
        for each in report.files
    }
    assert counted == {
        "one.jsonl": ("JSON lines", 1, 0, 1, 1),
        "two.jsonl": ("JSON lines", 1, 1, 0, 0),
        "empty.xml": ("", 0, 0, 0, 1),
    }
    assert (report.added, report.updated, report.duplicates, report.failed) == (2, 1, 1, 2)


def test_that_deleted_documents_are_gone_from_all_indexes(shelf, add_to, write_lines):
    add_to(write_lines(*CARDS, ASTHMA))
    gone = keys(shelf)["Inhaled steroids in mild asthma|They help. A lot."]
    manifest = take_out(shelf, "1", documents(shelf)["103"].id)
    assert (manifest.documents, manifest.chunks, manifest.stale) == (39, 39, 2)
    assert (manifest.change.kind, manifest.change.deleted) == ("delete", 2)
    folder = shelf.active_version("test")[0]
    assert len(LexicalIndex.load(folder / "lexical").search("steroids", 5)) == 0
    dense = DenseIndex.load(folder / "dense", 16, 39)
    vector = HashEmbedder().encode(["Inhaled steroids in mild asthma\nThey help. A lot."])[0]
    assert gone not in dense.search(vector, 39).keys
    assert RecordsIndex.load(folder / "records").count == 39
    assert shelf.verify("test") == []


def test_that_nothing_is_deleted_if_one_of_the_names_is_unknown(shelf, add_to, write_lines):
    add_to(write_lines(ASTHMA))
    version = shelf.info("test").version
    with pytest.raises(LibraryMissing, match="no document 77"):
        take_out(shelf, "1", "77")
    assert shelf.info("test").version == version
    assert not shelf.versions("test").staging.exists()
    with pytest.raises(LibraryMissing, match="no library"):
        delete(shelf, "nowhere", ["1"], CancelToken(), quiet)


def test_that_a_library_can_be_emptied_and_filled_again(shelf, add_to, write_lines):
    add_to(write_lines(ASTHMA))
    assert take_out(shelf, "1").documents == 0
    assert shelf.verify("test") == []
    assert add_to(write_lines(ASTHMA, LONG, name="again.jsonl")).documents == 2
    assert shelf.verify("test") == []


def test_that_indexes_are_built_anew_when_much_is_deleted(shelf, add_to, write_lines):
    add_to(write_lines(*CARDS))
    few = int(40 * _STALE)
    manifest = take_out(shelf, *(str(100 + n) for n in range(few)))
    assert manifest.stale == few
    assert take_out(shelf, "139").stale == 0
    assert shelf.verify("test") == []


def test_that_compacting_keeps_all_and_takes_less_room(shelf, add_to, write_lines, embedder):
    add_to(write_lines(*CARDS, LONG))
    take_out(shelf, "2", "100")
    before, contents = shelf.info("test"), (keys(shelf), documents(shelf))
    manifest = compact(shelf, "test", CancelToken(), quiet)
    assert (manifest.stale, manifest.change.kind) == (0, "compact")
    assert (keys(shelf), documents(shelf)) == contents
    assert shelf.info("test").bytes < before.bytes
    assert shelf.verify("test") == []


def test_that_keys_and_numbers_are_not_given_twice(shelf, add_to, write_lines):
    add_to(write_lines(ASTHMA, LONG))
    last = max(keys(shelf).values())
    take_out(shelf, "2")
    compact(shelf, "test", CancelToken(), quiet)
    add_to(write_lines(CARDS[0], name="new.jsonl"))
    assert keys(shelf)["A card about the subject 0|Fact 0."] == last + 1
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        assert [number for number, _ in store.numbered()] == [1, 3]


def test_that_a_file_that_changed_between_two_tries_is_read_from_its_start(
    shelf, add_to, write_lines, embedder, monkeypatch
):
    monkeypatch.setattr("core.library.importing.batch_of", lambda _: 10)
    cancel = CancelToken()
    path = write_lines(*CARDS)

    def stop(step, done, total, unit):
        if step == "embed" and done >= 20:
            cancel.cancel()

    with pytest.raises(Cancelled):
        add_to(path, cancel=cancel, progress=stop)
    write_lines(ASTHMA, *CARDS[:30])
    report = add_to(path)
    assert (report.added, report.documents) == (31, 31)
    assert sorted(documents(shelf))[0] == "1"
    assert shelf.verify("test") == []


def test_that_the_reports_of_the_last_imports_are_kept(shelf, add_to, write_lines):
    first = add_to(write_lines(ASTHMA, {"title": 5}))
    for number in range(21):
        last = add_to(write_lines(CARDS[number], name=f"{number}.jsonl"))
    saved = shelf.versions("test").reports.all()
    assert len(saved) == 20
    assert saved[0].report == last
    assert first not in [each.report for each in saved]


@pytest.fixture
def papers(tmp_path, monkeypatch):
    """Two files with pages, and a format that reads them."""

    def read(path):
        pages = make_document(
            title=f"Paper {path.stem} with pages", sections=[("", "Page.")], source=path.name
        )
        return iter([replace(pages, original=str(path))])

    as_pdf = Format("PDF", (".pdf",), lambda head: head.raw.startswith(b"%PDF"), read)
    monkeypatch.setattr(detect, "FORMATS", (as_pdf, *detect.FORMATS))
    paths = [tmp_path / "a.pdf", tmp_path / "b.PDF"]
    for path in paths:
        path.write_bytes(b"%PDF-1.7 " + path.name.encode())
    return paths


def test_that_originals_are_kept_while_a_version_names_them(shelf, add_to, write_lines, papers):
    add_to(*papers)
    originals = shelf.versions("test").originals
    assert len(originals.names()) == 2
    with DocumentStore.open(shelf.active_version("test")[0]) as store:
        for document, path in zip(store.documents(0, 2), papers, strict=True):
            assert originals.path(document.original).read_bytes() == path.read_bytes()
            assert originals.path(document.original).suffix == ".pdf"
        first = store.documents(0, 1)[0].id
    take_out(shelf, first)
    assert len(originals.names()) == 2  # the version before has it
    add_to(write_lines(ASTHMA))
    assert len(originals.names()) == 1
    assert shelf.verify("test") == []


def test_that_a_missing_or_changed_original_is_noticed(shelf, add_to, papers):
    add_to(*papers)
    originals = shelf.versions("test").originals
    first, second = (originals.path(name) for name in originals.names())
    first.unlink()
    second.write_bytes(b"%PDF-1.7 other")
    problems = shelf.verify("test")
    assert any(first.name in problem and "missing" in problem for problem in problems)
    assert any(second.name in problem and "changed" in problem for problem in problems)


def test_that_an_import_that_brings_nothing_leaves_no_original(shelf, add_to, papers):
    add_to(*papers)
    copy = papers[0].with_name("a2.pdf")
    papers[0].rename(copy)
    add_to(papers[1])
    assert len(shelf.versions("test").originals.names()) == 2
