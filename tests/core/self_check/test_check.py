"""The self-check works from source; what is broken is told, and does not keep the rest from being tried."""

import subprocess
import sys

import pytest

from core.paths import Home
from core.policy import Policy
from core.programs import program
from core.protocol import Inspect, Inspected
from core.self_check import check
from core.self_check.materials import CARDS, documents, question
from core.self_check.talk import CheckFailed, Worker


@pytest.mark.slow
@pytest.mark.models
def test_that_everything_works_from_source(models_home, tmp_path, monkeypatch):
    monkeypatch.setattr(check, "_imports", lambda home: "left to the bundle: half a minute, and all is here")
    before = sorted(models_home.root.rglob("*"))
    rows = list(check.run(models_home, tmp_path))
    assert [f"{row.what}: {row.said}" for row in rows if not row.ok] == []
    assert len(rows) == 11
    assert sorted(models_home.root.rglob("*")) == before


def test_that_a_failure_is_a_row_with_its_reason(tmp_path, monkeypatch):
    """Without models there are no questions; a process that does not start is no answer."""
    monkeypatch.setattr(check, "program", lambda name: (sys.executable, "-c", "raise SystemExit('broken')"))
    monkeypatch.setattr("core.doctor.program", lambda name: (sys.executable, "-c", ""))
    monkeypatch.setattr(check, "_training", lambda folder: 1 / 0)
    monkeypatch.setattr(check, "_files", lambda: "")
    rows = {row.what: row for row in check.run(Home(tmp_path / "nobody"), tmp_path / "folder")}
    assert [what for what, row in rows.items() if row.ok] == [
        "files beside the programs",
        "the network was left alone",
    ]
    assert rows["every import of every module"].said == "broken"
    assert rows["worker processes, and their guard"].said == "The process assistant does not answer."
    assert "missing" in rows["default models, every byte"].said
    assert "There is no model" in rows["questions"].said
    assert (
        rows[f"training, {check.STEPS} steps of a tiny model"].said == "ZeroDivisionError: division by zero"
    )
    assert rows["the window, without a display"].said == "broken"


def test_that_what_the_policy_forbids_is_not_tried_and_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "program", lambda name: (sys.executable, "-c", ""))
    monkeypatch.setattr("core.doctor.program", lambda name: (sys.executable, "-c", ""))
    user = Home(tmp_path / "nobody", Policy(training=False, settings={"libraries": ["hospital"]}))
    rows = {row.what: row for row in check.run(user, tmp_path / "folder")}
    assert {(rows[what].ok, rows[what].said) for what in ("questions", "training")} == {
        (True, check._LEFT_OUT)
    }


def test_that_an_attempt_to_reach_the_network_fails_the_check(tmp_path):
    home = Home(tmp_path)
    home.logs.mkdir()
    home.network_log.write_text('{"target": "example.org"}\n', "utf-8")
    with pytest.raises(CheckFailed, match=r"1 connections were attempted.*example\.org"):
        check._network(home)


def test_that_a_worker_is_asked_and_one_that_dies_tells_its_last_words(tmp_path, monkeypatch):
    home = Home(tmp_path)
    with Worker("assistant", home) as worker:
        assert isinstance(worker.ask(Inspect())[0], Inspected)
    dying = (sys.executable, "-c", "import sys; sys.stdin.readline(); sys.exit('no such library')")
    monkeypatch.setattr("core.self_check.talk.program", lambda name: dying)
    with Worker("training", home) as worker, pytest.raises(CheckFailed, match="no such library"):
        worker.ask(Inspect())


def test_that_a_worker_that_hangs_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    hanging = (sys.executable, "-c", "import time; time.sleep(600)")
    monkeypatch.setattr("core.self_check.talk.program", lambda name: hanging)
    with Worker("training", Home(tmp_path), patience=0.3) as worker, pytest.raises(CheckFailed):
        worker.ask(Inspect())


def test_that_the_documents_hold_an_answer_to_the_question(tmp_path):
    cards, page = documents(tmp_path)
    assert len(cards.read_bytes().splitlines()) == CARDS
    asked, answering = question(cards)
    assert asked.endswith("?")
    assert answering
    assert page.read_bytes().startswith(b"%PDF-")


@pytest.mark.slow
def test_that_the_command_prints_a_table_and_tells_failures_by_its_status(tmp_path, own_data_folder):
    code = (
        "import core.self_check.check as check\n"
        "def few(user, folder):\n"
        "    yield check.Row('one', True, 'fine', 1.0)\n"
        "    yield check.Row('two', False, 'a long reason ' * 20, 0.0)\n"
        "check.run = few\n"
        "from desktop.cli import main; import sys; sys.argv = ['vademecum', '--self-check']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ok         1.0 s  one\n" in done.stdout
    assert "FAILED     0.0 s  two\n" in done.stdout
    assert " ".join(done.stdout.split()).count("a long reason") == 20
    assert done.stdout.endswith("1 of 2 failed.\n")
    assert not own_data_folder.exists()
    assert program("command")[-1] == "desktop.cli"
