"""Data of a newer program are not touched by an older one; older data are backed up before a change."""

import json
import sqlite3
from contextlib import closing

import pytest

from core import __version__
from core.errors import DataNewer, InputUnreadable
from core.history import History
from core.paths import Home
from core.settings import Settings, read_settings, write_settings
from core.updates import backups
from core.updates.home_format import FORMATS, STAMP, prepare


@pytest.fixture
def home(tmp_path):
    """A home with settings and a conversation."""
    home = Home(tmp_path / "data")
    home.root.mkdir()
    write_settings(home.settings, Settings(libraries=("heart",)))
    ask(home, "Does it help?")
    return home


def ask(home, question):
    history = History(home.history)
    history.start(question)
    history.close()


def questions(home):
    history = History(home.history)
    titles = [each.title for each in history.conversations()]
    history.close()
    return titles


def test_that_data_of_today_are_stamped_once_and_nothing_is_copied(home):
    assert prepare(home) is None
    written = (home.root / STAMP).stat().st_mtime_ns
    assert json.loads((home.root / STAMP).read_bytes())["program"] == __version__
    assert prepare(home) is None
    assert (home.root / STAMP).stat().st_mtime_ns == written
    assert backups.names(home) == []


def test_that_a_folder_that_is_not_there_is_not_made(tmp_path):
    assert prepare(Home(tmp_path / "none")) is None
    assert not (tmp_path / "none").exists()


def test_that_older_data_are_backed_up_before_they_are_changed_and_can_come_back(home):
    with closing(sqlite3.connect(home.history)) as db:
        db.execute("PRAGMA user_version = 1")  # as the first format had it
    made = prepare(home)
    assert made is not None
    ask(home, "And in children?")
    write_settings(home.settings, Settings(libraries=("lung",)))
    with closing(sqlite3.connect(made / "history.sqlite")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT title FROM conversation").fetchall() == [("Does it help?",)]

    now = backups.restore(home, made.name)
    assert questions(home) == ["Does it help?"]
    assert read_settings(home.settings).libraries == ("heart",)
    backups.restore(home, now.name)
    assert questions(home) == ["And in children?", "Does it help?"]
    with pytest.raises(InputUnreadable, match="no backup"):
        backups.restore(home, "../data")


def test_that_an_update_backs_up_and_the_older_program_refuses_with_the_way_back(home):
    prepare(home)
    newer = {**FORMATS, "history": FORMATS["history"] + 1, "settings": FORMATS["settings"] + 1}
    made = prepare(home, newer)
    assert made is not None
    before = {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}
    with pytest.raises(DataNewer, match=r"cannot read its settings and conversations") as refused:
        prepare(home)
    assert f"vademecum bundle restore {made.name}" in refused.value.hint
    assert {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()} == before
    backups.restore(home, made.name)
    assert prepare(home) is None
    assert questions(home) == ["Does it help?"]


def test_that_a_format_this_program_has_never_heard_of_is_newer(home):
    prepare(home, {**FORMATS, "patients": 1})
    with pytest.raises(DataNewer, match="cannot read its patients"):
        prepare(home)


def test_that_a_damaged_history_does_not_keep_the_program_from_starting(home):
    home.history.write_bytes(b"not a database" * 100)
    (home.root / STAMP).write_text("{")
    prepare(home)
    prepare(home, {**FORMATS, "settings": 9})
    (name,) = backups.names(home)
    assert (home.root / "backups" / name / "history.sqlite").read_bytes() == home.history.read_bytes()


def test_that_a_library_goes_back_to_the_version_it_had(home):
    active = home.libraries / "heart" / "active"
    for version in ("one", "two"):
        (active.parent / "versions" / version).mkdir(parents=True)
    active.write_text("one\n")
    made = backups.make(home, "0.0.9")
    active.write_text("two\n")
    backups.restore(home, made.name)
    assert active.read_text() == "one\n"
    active.write_text("two\n")
    (active.parent / "versions" / "one").rmdir()
    backups.restore(home, made.name)
    assert active.read_text() == "two\n"
