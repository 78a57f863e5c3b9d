"""``vademecum train`` as scripts use it: real processes, one JSON object on standard output."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from core.protocol import RoomProposed, RunOpened
from core.settings import read_settings
from core.tuning.recipe import DataChoice, Recipe, Source
from core.tuning.runs import Runs
from desktop.commands.console import ProgressLine
from desktop.commands.train import _follow
from desktop.commands.train_recipe import field_value
from desktop.commands.train_text import data_as_text
from tests.desktop.training_fake import Options, report
from tests.training.processes import make_home, write_pairs

SMALL = [
    "data.max_length=1024", "data.passages=1", "data.validation=0.15", "lora.rank=4",
    "lora.targets=['q_proj', 'v_proj']", "training.accumulation=1", "training.max_steps=7",
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama):
    home = make_home(tmp_path_factory.mktemp("train"), tiny_llama)
    write_pairs(home.root / "pairs.jsonl")
    return home


def started(home, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "desktop.cli", "train", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "VADEMECUM_HOME": str(home.root)},
    )


def vademecum(home, *arguments):
    with started(home, *arguments) as process:
        output, errors = process.communicate(timeout=240)
    return process.returncode, output, errors


def answered(home, *arguments):
    status, output, errors = vademecum(home, *arguments, "--json")
    assert status == 0, errors
    return json.loads(output)


@pytest.fixture(scope="module")
def finished(home):
    """What is told of a run that Ctrl+C stopped and that was gone on with."""
    sets = [part for value in SMALL for part in ("--set", value)]
    with started(home, "run", "--data", home.root / "pairs.jsonl", "--name", "mine", *sets) as process:
        while not (runs := Runs(home.runs).all()) or runs[0].info().step < 2:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "kept" in errors
    assert runs[0].info().state == "stopped"
    return answered(home, "run", "--resume", "mine")


def test_that_data_says_what_would_be_learned_as_text_and_json(home):
    status, output, errors = vademecum(home, "data", home.root / "pairs.jsonl", "--max-length", 1024)
    assert status == 0, errors
    assert "16 of 16 entries are used" in output
    assert "conversation" in output
    assert "rows of 1,024 tokens for tiny-llama" in output


def test_that_run_goes_from_files_to_a_judged_model_although_it_was_interrupted(finished):
    assert finished["version"] == 1
    assert finished["run"]["state"] == "judged"
    assert finished["run"]["name"] == "mine"
    assert finished["run"]["steps"] == 7
    assert finished["recipe"]["lora"]["targets"] == ["q_proj", "v_proj"]
    assert finished["report"]["verdict"] in ("better", "equal", "worse")
    assert finished["in_use"] is False


def test_that_runs_are_listed_shown_taken_into_use_reverted_and_deleted(home, finished):
    run = finished["run"]["id"]
    assert run in [one["id"] for one in answered(home, "list")["runs"]]
    status, output, errors = vademecum(home, "show", "mine")
    assert status == 0, errors
    assert "finished" in output
    assert f"vademecum train activate {run}" in output
    assert answered(home, "activate", run, "--insist")["previous"] == "tiny-llama"
    assert read_settings(home.settings).model.language == "mine"
    assert answered(home, "show", run)["in_use"] is True
    assert answered(home, "revert")["previous"] == "tiny-llama"
    assert read_settings(home.settings).model.language == "tiny-llama"
    merged = answered(home, "merge", run, "--bin")
    assert merged["difference"] < 1e-3
    assert (Runs(home.runs).get(run).merged / "pytorch_model.bin").is_file()
    status, _, errors = vademecum(home, "delete", run, "--json")
    assert status == 1
    assert "--yes" in errors
    assert answered(home, "delete", run, "--yes") == {"version": 1, "deleted": run}
    assert run not in [one["id"] for one in answered(home, "list")["runs"]]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["show", "nothing"], 1, "no run is called"),
        (["run", "--resume", "nothing"], 1, "no run is called"),
        (["run", "--set", "data.max_lenth=4"], 1, "data.max_lenth"),
        (["run", "--resume", "a", "--name", "b"], 2, "--resume takes"),
        (["run", "--launcher", "accelerate"], 2, "go together"),
        (["revert"], 1, "No tuned model"),
    ],
)
def test_that_what_cannot_be_done_is_said_with_a_status(tmp_path, home, arguments, status, words):
    done, output, errors = vademecum(home, *arguments)
    assert (done, output) == (status, "")
    assert words.lower() in " ".join(errors.lower().replace("│", " ").split())


def test_that_what_a_run_can_go_on_with_is_a_command_that_can_be_typed(home, capsys):
    changes = {"training.repeatable": False, "data.max_length": 512, "base.weights": "4bit"}
    proposed = RoomProposed(("In another way",), (changes,), (True,), "not_repeatable")
    with ProgressLine() as line:
        _follow(home, iter([RunOpened("20260101T000000-mine-aaaa", "mine", 5, 0, 0.0), proposed]), line)
    words = capsys.readouterr().err.split()  # a terminal of 80 columns has it on several lines
    assert words[words.index("--resume") + 1] == "20260101T000000-mine-aaaa"
    typed = [word for before, word in pairwise(words) if before == "--set"]
    assert dict(field_value(text) for text in typed) == changes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("data.max_length=1024", 1024),
        ("training.learning_rate=1e-4", 1e-4),
        ("data.packing=false", False),
        ("lora.targets=['q_proj']", ["q_proj"]),
        ("base.weights=4bit", "4bit"),
        ("base.model=/models/a b", "/models/a b"),
    ],
)
def test_that_a_value_is_read_as_what_it_looks_like(text, value):
    assert field_value(text) == (text.partition("=")[0], value)


def test_that_every_remark_on_data_is_shown():
    recipe = Recipe(data=DataChoice(sources=(Source("", "collected"),)))
    text = data_as_text(report(recipe, Options(rich=True)))
    assert "personal data" in text
    assert "known test set" in text
