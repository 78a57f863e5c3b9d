"""Folders are read whole, in order, and whatever cannot be read is said."""

import os

import pytest

from core.errors import InputUnreadable
from core.library.inputs import find_inputs

LINE = '{"title": "A"}\n'


@pytest.fixture
def folder(tmp_path):
    """A folder with two files, one of them below."""
    (tmp_path / "in" / "b").mkdir(parents=True)
    for name in ("c.jsonl", "b/a.jsonl"):
        (tmp_path / "in" / name).write_text(LINE, "utf-8")
    return tmp_path / "in"


def names(inputs, folder):
    return [str(path.relative_to(folder)) for path, _ in inputs.sources]


def test_that_folders_are_read_below_in_the_order_of_names_without_what_is_hidden(folder):
    (folder / ".hidden").mkdir()
    for name in (".hidden/x.jsonl", ".y.jsonl", "a.jsonl"):
        (folder / name).write_text(LINE, "utf-8")
    inputs = find_inputs([folder])
    assert names(inputs, folder) == ["a.jsonl", "b/a.jsonl", "c.jsonl"]
    assert inputs.size == 3 * len(LINE)


def test_that_links_in_a_circle_end_and_a_linked_file_is_taken_once(folder):
    (folder / "b" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "b" / "self").symlink_to(folder / "b", target_is_directory=True)
    (folder / "d.jsonl").symlink_to(folder / "c.jsonl")
    inputs = find_inputs([folder, folder / "c.jsonl", folder / "b" / ".." / "c.jsonl"])
    assert names(inputs, folder) == ["b/a.jsonl", "c.jsonl"]


def test_that_several_files_keep_the_order_they_are_named_in(folder):
    inputs = find_inputs([folder / "c.jsonl", folder / "b" / "a.jsonl"])
    assert names(inputs, folder) == ["c.jsonl", "b/a.jsonl"]


def test_that_what_cannot_be_read_is_rejected_and_the_rest_taken(folder):
    (folder / "broken").symlink_to(folder / "nowhere")
    (folder / "empty.csv").touch()
    os.mkfifo(folder / "pipe")  # to open it would wait for ever
    inputs = find_inputs([folder])
    assert len(inputs.sources) == 2
    reasons = {rejected.file.rpartition("/")[2]: rejected.reason for rejected in inputs.rejected}
    assert set(reasons) == {"broken", "empty.csv", "pipe"}
    assert "pipe" in reasons["pipe"]
    assert all(rejected.record == 0 for rejected in inputs.rejected)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_that_a_folder_that_may_not_be_read_is_rejected(folder):
    (folder / "b").chmod(0)
    inputs = find_inputs([folder])
    assert [rejected.file for rejected in inputs.rejected] == [str(folder / "b")]


def test_that_a_folder_with_nothing_in_it_is_refused(tmp_path):
    with pytest.raises(InputUnreadable, match="no files in"):
        find_inputs([tmp_path])


def test_that_the_columns_reach_the_tables(folder):
    (folder / "t.csv").write_text("Name,x\nA,1\n", "utf-8")
    inputs = find_inputs([folder / "t.csv"], {"title": "Name"})
    ((path, known),) = inputs.sources
    assert [record.title for record in known.read(path)] == ["A"]
