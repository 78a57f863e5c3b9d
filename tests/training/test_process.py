"""The training process as the window and the command line use it: real processes, nothing stood in for."""

import hashlib
import json
import signal

import pytest

from core.generation.merging import ADAPTER
from core.protocol import (
    Cancel,
    CheckData,
    CheckpointSaved,
    DataChecked,
    Done,
    Failed,
    Inspect,
    Inspected,
    Judged,
    Merged,
    Resume,
    RunOpened,
    RunStateChanged,
    Train,
    TrainingStep,
)
from core.registry import inspect_model
from core.tuning.runs import Runs
from tests.training.processes import Process, make_home, process_recipe, write_pairs, write_recipe
from training import checkpoints


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama):
    return make_home(tmp_path_factory.mktemp("training"), tiny_llama)


@pytest.fixture(scope="module")
def recipe(home):
    return process_recipe(write_pairs(home.root / "pairs.jsonl"), checkpoints=20)


@pytest.fixture(scope="module")
def story(home, recipe):
    """What one process tells: data checked, a run from end to end, a run stopped half-way and resumed."""
    with Process(home) as training:
        checked = list(training.ask(CheckData(recipe)))
        told = list(training.ask(Train(recipe)))
        cut = []
        for event in training.ask(Train(recipe)):
            cut.append(event)
            if isinstance(event, TrainingStep) and event.step == 5:
                training.tell(Cancel())
        rest = list(training.ask(Resume(run_of(cut))))
        refused = list(training.ask(Resume(run_of(cut))))
    return checked, told, cut, rest, refused


def states(told):
    return [event.state for event in told if isinstance(event, RunStateChanged)]


def run_of(told):
    return next(event.run for event in told if isinstance(event, RunOpened))


def adapter_of(home, name):
    return (Runs(home.runs).get(name).adapter / ADAPTER).read_bytes()


def test_that_a_run_goes_from_a_recipe_to_a_judged_model(home, story):
    checked, told, *_ = story
    assert isinstance(checked[-2], DataChecked)
    assert states(told) == ["training", "trained", "merged", "judged"]
    assert [type(event) for event in told if isinstance(event, Merged | Judged)] == [Merged, Judged]
    assert told[-1] == Done()
    run = Runs(home.runs).get(run_of(told))
    assert run.info().state == "judged"
    assert inspect_model(run.merged).has_chat_template


def test_that_the_run_folder_holds_what_it_takes_to_make_it_again(home, recipe, story):
    checked, told, *_ = story
    run = Runs(home.runs).get(run_of(told))
    made = json.loads(run.versions.read_bytes())
    assert run.recipe() == recipe
    assert made["dataset"] == checked[-2].report.dataset_hash
    assert made["dataset"] == hashlib.sha256(run.dataset.read_bytes()).hexdigest()
    assert made["packages"]["torch"]
    assert made["hardware"]["cpu_cores"] >= 1
    assert len(made["build"]) == 16
    card = run.card.read_text("utf-8")
    for part in ("tiny-llama", made["dataset"], "Intended use", "AI system", "Evaluation", "rank = 4"):
        assert part in card


def test_that_a_stopped_and_resumed_run_ends_with_the_same_weights(home, story):
    _, told, cut, rest, refused = story
    assert states(cut) == ["training", "stopped"]
    assert cut[-1] == Done(cancelled=True)
    assert states(rest) == ["training", "trained", "merged", "judged"]
    opened = next(event for event in rest if isinstance(event, RunOpened))
    assert next(event.step for event in rest if isinstance(event, TrainingStep)) == opened.first_step + 1 > 5
    assert adapter_of(home, run_of(told)) == adapter_of(home, run_of(cut))
    assert refused[-1].code == "run_unusable"


@pytest.mark.slow
def test_that_a_killed_run_goes_on_and_ends_as_if_nothing_had_happened(home, recipe, story):
    with Process(home, "run", "--recipe", str(write_recipe(home, recipe))) as training:
        for event in training.events():
            if isinstance(event, RunOpened):
                run = Runs(home.runs).get(event.run)
            if isinstance(event, CheckpointSaved) and event.step == 3:
                training.process.kill()
                break
    assert run.info().state == "interrupted"
    saved = checkpoints.last(run)
    with Process(home, "run", "--resume", run.id) as training:
        told = list(training.events())
    assert next(event.first_step for event in told if isinstance(event, RunOpened)) == saved >= 3
    assert states(told)[-1] == "judged"
    assert adapter_of(home, run.id) == adapter_of(home, run_of(story[1]))


@pytest.mark.slow
def test_that_an_interrupt_saves_and_ends_with_its_own_status(home, recipe):
    file = write_recipe(home, recipe)
    with Process(home, "run", "--recipe", str(file)) as training:
        told = []
        for event in training.events():
            told.append(event)
            if isinstance(event, TrainingStep) and event.step == 2:
                training.process.send_signal(signal.SIGINT)
        assert training.process.wait(60) == 130
    assert states(told) == ["training", "stopped"]
    assert checkpoints.last(Runs(home.runs).get(run_of(told))) is not None


def test_that_bad_input_is_told_in_a_sentence_and_leaves_no_run(home, recipe):
    before = len(Runs(home.runs).all())
    empty = home.root / "empty.jsonl"
    empty.write_text("")
    with Process(home) as training:
        told = list(training.ask(Train(process_recipe(empty))))
        told += training.ask(Resume("no-such-run"))
        told += training.ask(Inspect())
    failures = [event for event in told if isinstance(event, Failed)]
    assert [failure.code for failure in failures][1] == "run_unusable"
    assert all(failure.message and failure.hint for failure in failures)
    assert isinstance(told[-2], Inspected)
    assert len(Runs(home.runs).all()) == before
