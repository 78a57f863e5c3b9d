"""Runs that give the same adapter every time: torch held to it, and what is said of runs that do not."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest

from core.cancel import CancelToken
from core.errors import NotRepeatable
from core.generation.merging import ADAPTER
from core.protocol import (
    CheckpointSaved,
    Failed,
    Resume,
    RoomProposed,
    RunOpened,
    RunStateChanged,
    Train,
    TrainingStep,
    decode_event,
)
from core.tuning.recipe import Recipe, TrainingChoice, changed, read_recipe
from core.tuning.runs import Runs
from tests.training.pretended_card import CARD, PretendedCard, switches
from tests.training.processes import ROOT, Process, environment, make_home, process_recipe, write_pairs
from tests.training.trials import Trial, lesson, with_training
from training import checkpoints
from training.card import write_card
from training.compute import Compute
from training.opening import open_again, usable_hardware
from training.repeatable import (
    WORKSPACE,
    held_to_repeatable,
    proposed_instead,
    repeatability_explained,
    repeats,
)
from training.room import ran_out
from training.run import train
from training.team import Team
from training.versions import note_repeatable, read_versions, write_versions

CPU = Compute("cpu", "fp32")
AS_EVER = {"held": False, "warns_only": False, "fills": True}
HELD = {"held": True, "warns_only": False, "fills": False}
CUBLAS = (
    "Deterministic behavior was enabled with either `torch.use_deterministic_algorithms(True)` or "
    "`at::Context::setDeterministicAlgorithms(true)`, but this operation is not deterministic because it "
    "uses CuBLAS and you have CUDA >= 10.2. To enable deterministic behavior in this case, you must ..."
)


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize(
    ("compute", "backend", "wanted", "processes", "found"),
    [
        (CPU, "plain", True, 1, "yes"),
        (CPU, "plain", False, 1, "yes"),
        (CPU, "plain", True, 2, "yes"),
        (CARD, "plain", True, 1, "yes"),
        (CARD, "plain", False, 1, "off"),
        (CARD, "unsloth", True, 1, "unsloth"),
        (CARD, "plain", True, 2, "several cards"),
    ],
)
def test_that_a_run_is_called_repeatable_only_where_it_is(compute, backend, wanted, processes, found):
    recipe = Recipe(training=TrainingChoice(repeatable=wanted))
    assert repeats(recipe, compute, backend, processes) == found


def test_that_torch_is_held_to_it_while_inside_only_and_whatever_happens():
    import torch

    assert switches() == AS_EVER
    with held_to_repeatable(False):
        assert switches() == AS_EVER
    with suppress(ZeroDivisionError), held_to_repeatable(True):
        assert switches() == HELD
        raise ZeroDivisionError
    assert switches() == AS_EVER
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with held_to_repeatable(True):
            assert switches() == HELD
        assert switches() == {**AS_EVER, "held": True, "warns_only": True}
    finally:
        torch.use_deterministic_algorithms(False)


def test_that_what_torch_says_is_explained_and_nothing_else():
    import torch

    named = pytest.raises(NotRepeatable, match=r"each time: put_\.")
    with named as failure, repeatability_explained(), held_to_repeatable(True):
        torch.zeros(2).put_(torch.tensor([1]), torch.ones(1))
    assert failure.value.__cause__ is None
    with pytest.raises(NotRepeatable, match=f"product of matrices .*{WORKSPACE}"), repeatability_explained():
        raise RuntimeError(CUBLAS)
    with pytest.raises(RuntimeError, match="shapes"), repeatability_explained():
        raise RuntimeError("shapes do not fit")


class OnCard(Trial):
    """A run that is told it has a card."""

    def __init__(self, folder, recipe, first_bad=1000, name="plain"):
        super().__init__(folder, recipe)
        self.seen = []
        self.backend = PretendedCard(self.seen.append, first_bad)
        self.backend.name = name
        write_versions(self.run, usable_hardware(SimpleNamespace(runs=self.run.folder)), 0)

    def events(self, recipe=None):
        given = replace(lesson(recipe or self.recipe), compute=CARD)
        yield from train(self.run, given, self.backend, Team(), self.cancel)

    @property
    def said(self):
        """What versions and card say."""
        write_card(self.run)
        sentences = self.run.card.read_text("utf-8").split("## Recipe")[0].splitlines()
        return read_versions(self.run).repeatable, [line for line in sentences if "epeatable" in line]


@pytest.fixture
def card_recipe(recipe, monkeypatch):
    import torch

    # the pretended card replaces it; put back afterwards
    monkeypatch.setattr(torch.cuda, "get_device_properties", torch.cuda.get_device_properties)
    return with_training(recipe, optimiser="adamw", gradient_checkpointing=False)


pinned = pytest.mark.filterwarnings("ignore:'pin_memory' argument is set")


@pinned
def test_that_torch_is_held_to_it_from_the_loading_of_the_model_to_the_last_step(tmp_path, card_recipe):
    trial = OnCard(tmp_path, card_recipe)
    assert of(trial.events(), RunStateChanged)[-1].state == "trained"
    assert {one["at"] for one in trial.seen} == {"load", "forward"}
    assert all(HELD.items() <= one.items() for one in trial.seen)
    assert switches() == AS_EVER
    noted, (sentence,) = trial.said
    assert noted == "yes"
    assert sentence.startswith("Repeatable: ")


@pinned
@pytest.mark.parametrize(
    ("wanted", "backend", "noted", "word"),
    [(False, "plain", "off", "graphics card"), (True, "unsloth", "unsloth", "with unsloth")],
)
def test_that_torch_is_left_alone_where_it_is_not_wanted_or_of_no_use_and_the_card_says_so(
    tmp_path, card_recipe, wanted, backend, noted, word
):
    trial = OnCard(tmp_path, with_training(card_recipe, repeatable=wanted, max_steps=2), 1, backend)
    assert of(trial.events(), RunStateChanged)[-1].state == "trained"
    assert all(AS_EVER.items() <= one.items() for one in trial.seen)
    found, (sentence,) = trial.said
    assert found == noted
    assert sentence.startswith("Not repeatable: ")
    assert word in sentence


@pinned
def test_that_a_run_of_which_a_part_is_not_repeatable_is_not(tmp_path, card_recipe):
    recipe = with_training(card_recipe, evaluations=0)
    trial = OnCard(tmp_path, recipe, first_bad=9)  # after step 4, of two passes each
    with pytest.raises(NotRepeatable, match="put_"):
        list(trial.events())
    assert checkpoints.last(trial.run) == 4
    assert trial.said[0] == "yes"
    trial.cancel.cancel()  # after the next step
    list(trial.events(with_training(recipe, repeatable=False)))
    assert trial.run.info().state == "stopped"
    assert trial.said[0] == "off"
    trial.cancel = CancelToken()
    opened, *_ = trial.events()  # held to it again, too late
    assert opened.first_step == 5
    assert trial.said[0] == "off"
    checkpoints.drop_after(trial.run, -1)
    trial.backend = PretendedCard(trial.seen.append, 1000)
    list(trial.events())
    assert trial.said[0] == "yes"


@pinned
def test_that_a_run_with_smaller_batches_since_memory_ran_out_is_not_repeatable(tmp_path, card_recipe):
    trial = OnCard(tmp_path, with_training(card_recipe, max_steps=1))
    trial.run.record(proposed_instead())
    assert not ran_out(trial.run)
    list(trial.events())
    assert trial.said[0] == "yes"
    trial.run.record(RoomProposed(("Fewer conversations at once",), ({},), (True,)))
    assert ran_out(trial.run)
    checkpoints.drop_after(trial.run, -1)
    list(trial.events())
    noted, (sentence,) = trial.said
    assert noted == "changed"
    assert "on the way" in sentence


def test_that_on_a_cpu_nothing_changes(tmp_path, recipe):
    trials = [
        Trial(tmp_path / str(wanted), with_training(recipe, repeatable=wanted)) for wanted in (True, False)
    ]
    for trial in trials:
        write_versions(trial.run, usable_hardware(SimpleNamespace(runs=tmp_path)), 0)
        for event in trial.events():
            if isinstance(event, TrainingStep):
                assert switches() == AS_EVER
        assert read_versions(trial.run).repeatable == "yes"
    one, two = ((trial.run.adapter / ADAPTER).read_bytes() for trial in trials)
    assert one == two


@pytest.mark.parametrize(
    ("changes", "noted"),
    [({}, "yes"), ({"training.repeatable": False}, "yes"), ({"data.max_length": 512}, "changed")],
)
def test_that_a_recipe_changed_on_the_way_is_noted(tmp_path, tiny_llama, changes, noted):
    home = make_home(tmp_path, tiny_llama)
    run = Runs(home.runs).create(process_recipe(write_pairs(home.root / "pairs.jsonl")))
    write_versions(run, usable_hardware(home), 0)
    note_repeatable(run, "yes", anew=True)
    open_again(run, changes, home)
    assert read_versions(run).repeatable == noted
    assert run.recipe().training.repeatable is changes.get("training.repeatable", True)


def test_that_recipes_runs_and_events_from_before_are_read(tmp_path, tiny_llama):
    home = make_home(tmp_path, tiny_llama)
    run = Runs(home.runs).create(process_recipe(write_pairs(home.root / "pairs.jsonl")))
    write_versions(run, usable_hardware(home), 0)
    for path, line in (
        (run.folder / "recipe.toml", "repeatable = true\n"),
        (run.versions, ' "repeatable": ""'),
    ):
        text = path.read_text("utf-8")
        assert line in text
        path.write_text(text.replace(f",\n{line}", "").replace(line, ""), "utf-8")
    assert "repeatable" not in json.loads(run.versions.read_bytes())
    assert read_recipe(run.folder / "recipe.toml").training.repeatable
    assert read_versions(run).repeatable == ""
    note_repeatable(run, "yes")
    assert read_versions(run).repeatable == ""  # how it began is not known
    write_card(run)
    assert "epeatable:" not in run.card.read_text("utf-8")
    old = {"kind": "RoomProposed", "words": ["Less"], "changes": [{}], "keeps_progress": [True]}
    assert decode_event(msgspec.json.encode(old)).cause == "memory"


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("asked", ["", ":16:8"])
def test_that_cublas_is_settled_in_each_process_before_torch_is_there(tmp_path, processes, asked):
    code = (
        "import os, sys; from pathlib import Path; from core.paths import Home\n"
        "from training.environment import prepare; from training.team import Team\n"
        "prepare(Home(Path(sys.argv[1])), Team()); print('torch' in sys.modules, os.environ[sys.argv[2]])"
    )
    given = {**os.environ, "WORLD_SIZE": str(processes), **({WORKSPACE: asked} if asked else {})}
    command = [sys.executable, "-c", code, str(tmp_path), WORKSPACE]
    done = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", asked or ":4096:8"]


@pytest.fixture(scope="module")
def story(tmp_path_factory, tiny_llama):
    """What processes tell of a run that comes to such an operation, and goes on without being held to it."""
    home = make_home(tmp_path_factory.mktemp("card"), tiny_llama)
    recipe = process_recipe(
        write_pairs(home.root / "pairs.jsonl"),
        checkpoints=20,
        evaluations=0,
        optimiser="adamw",
        gradient_checkpointing=False,
    )
    log = home.root / "seen.jsonl"
    with Process(home, str(log), module="tests.training.pretended_card") as training:
        told = list(training.ask(Train(recipe)))
        name = of(told, RunOpened)[0].run
        run = Runs(home.runs).get(name)
        saved = [(step, checkpoints.is_whole(run, step)) for step in checkpoints.steps(run)]
        (proposed,) = of(told, RoomProposed)
        rest = list(training.ask(Resume(name, proposed.changes[0])))
        again = list(training.ask(Train(recipe)))
    seen = [json.loads(line) for line in log.read_text().splitlines()]
    return SimpleNamespace(
        home=home, recipe=recipe, told=told, run=run, saved=saved, rest=rest, again=again, seen=seen
    )


@pytest.mark.slow
def test_that_such_an_operation_is_a_failed_run_with_whole_checkpoints_and_a_way_on(story):
    *_, proposed, state, failed = story.told
    assert isinstance(failed, Failed)
    assert failed.code == "not_repeatable"
    assert "put_" in failed.message
    assert (state.state, state.message, state.hint) == ("failed", failed.message, failed.hint)
    assert (proposed.changes, proposed.keeps_progress) == (({"training.repeatable": False},), (True,))
    steps = [event.step for event in of(story.told, CheckpointSaved)]
    assert story.saved == [(step, True) for step in steps[-2:]]
    assert steps[-1] == 3  # one pass a step, and the fourth fails


@pytest.mark.slow
def test_that_the_run_goes_on_from_its_last_checkpoint_and_is_not_called_repeatable(story):
    assert of(story.rest, RunOpened)[0].first_step == 3
    states = [event.state for event in of(story.rest, RunStateChanged)]
    assert states == ["training", "trained", "merged", "judged"]
    assert story.run.recipe() == changed(story.recipe, {"training.repeatable": False})
    assert read_versions(story.run).repeatable == "off"
    assert "\nNot repeatable: " in story.run.card.read_text("utf-8")


@pytest.mark.slow
def test_that_a_process_is_held_to_it_during_such_runs_only_and_the_next_one_anew(story):
    loads = [number for number, one in enumerate(story.seen) if one["at"] == "load"]
    first, second, third = (story.seen[begin:end] for begin, end in zip(loads, [*loads[1:], -1], strict=True))
    assert len(first) == len(third) == 5  # the load and four passes
    assert all(HELD.items() <= one.items() for one in first + third)
    assert len(second) > 5
    assert all(AS_EVER.items() <= one.items() for one in second)
    assert {one["workspace"] for one in story.seen[:-1]} == {":4096:8"}
    assert story.seen[-1] == {"at": "end", **AS_EVER}
    assert isinstance(story.again[-1], Failed)
    assert WORKSPACE not in os.environ


@pytest.mark.slow
def test_that_the_command_line_goes_on_as_it_proposed(story):
    run = Runs(story.home.runs).get(of(story.again, RunOpened)[0].run)
    command = ["train", "run", "--resume", run.id, "--set", "training.repeatable=false", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "desktop.cli", *command],
        env=environment(story.home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["run"]["state"] == "judged"
    assert shown["recipe"]["training"]["repeatable"] is False
    assert [event.first_step for event in of(run.events(), RunOpened)] == [0, 3]
