"""Lists of retractions: every form that they come in, and what is no list."""

from datetime import UTC, datetime

import pytest

from core.errors import InputUnreadable
from core.library.retractions import (
    Retractions,
    import_list,
    imported_lists,
    read_lists,
    remove_list,
    state_of,
)

FORMS = {
    "europe-pmc.txt": "! a comment\nPMID:11\nPMID:12,PMCID:PMC99\n",
    "plain.txt": "11\n12\nPMC99\n",
    "windows.txt": "\ufeff11\r\n12 PMC99\r\n",
    "watch.csv": "Record ID,Title,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature\n"
    '1,"A, b",unavailable,11,Retraction\n2,C,unavailable,12,Retraction\n3,D,10.1/d,13,Correction\n',
    "table.tsv": "pmid\tdoi\n11\t\n12\t\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_that_a_list_is_read_in_every_form(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FORMS[name].encode())
    kept = tmp_path / "kept"
    assert import_list(kept, path).pmids == {"11", "12"}
    assert read_lists(kept).pmids == {"11", "12"}


def test_that_dois_are_equal_however_they_are_written(tmp_path):
    path = tmp_path / "dois.txt"
    path.write_text("https://doi.org/10.1000/ABC\ndoi:10.1000/def\n10.1000/x(1);\n")
    assert import_list(tmp_path / "kept", path).dois == {"10.1000/abc", "10.1000/def", "10.1000/x(1)"}


def test_that_a_list_takes_the_place_of_an_earlier_one_of_its_name_and_others_stay(tmp_path):
    kept = tmp_path / "kept"
    assert read_lists(kept) == Retractions()
    for name, text in (("a.txt", "1\n2\n"), ("b.txt", "3\n"), ("a.txt", "4\n")):
        (tmp_path / name).write_text(text)
        before = state_of(kept)
        import_list(kept, tmp_path / name)
        assert state_of(kept) != before
    assert read_lists(kept).pmids == {"3", "4"}


@pytest.mark.parametrize("content", [b"", b"nothing to see\n", b"\xff\xfe\x00\x01"])
def test_that_a_file_that_names_no_publication_is_refused(tmp_path, content):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(InputUnreadable, match="names no publication"):
        import_list(tmp_path / "kept", path)
    assert read_lists(tmp_path / "kept") == Retractions()


@pytest.mark.shared
def test_that_the_list_of_europe_pmc_is_read_whole(shared, tmp_path):
    path = shared / "retractions" / "retracted-publications.txt"
    found = import_list(tmp_path, path)
    lines = [line for line in path.read_text().splitlines() if line.startswith("PMID:")]
    assert len(found.pmids) == len({line.split(",")[0] for line in lines}) > 26_000


def test_that_lists_are_told_by_name_and_one_is_removed(tmp_path):
    kept = tmp_path / "kept"
    assert imported_lists(kept) == []
    for name, text in (("b.txt", "1\n2\n"), ("a [x].csv", "pmid\n3\n")):
        (tmp_path / name).write_text(text)
        import_list(kept, tmp_path / name)
    assert [(one.name, one.publications) for one in imported_lists(kept)] == [("a [x]", 1), ("b", 2)]
    assert datetime.fromisoformat(imported_lists(kept)[0].imported) <= datetime.now(UTC)
    before = state_of(kept)
    remove_list(kept, "a [x]")
    assert read_lists(kept).pmids == {"1", "2"}
    assert state_of(kept) != before
    for name in ("a [x]", "../b", "*"):
        with pytest.raises(InputUnreadable, match="was imported"):
            remove_list(kept, name)
    assert len(imported_lists(kept)) == 1
