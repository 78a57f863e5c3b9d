"""From a recipe to a judged model, in this process, where something goes wrong on the way."""

from dataclasses import replace

import pytest

from core.cancel import CancelToken
from core.errors import OutOfMemory, RecipeInvalid, RunUnusable
from core.protocol import Judged, Merged, RoomProposed, RunOpened, RunStateChanged, TrainingStep
from core.tuning.runs import Runs
from tests.training.processes import make_home, process_recipe, write_pairs
from training.backend import Trainable
from training.plain import PlainBackend
from training.stages import Stages
from training.team import Team


class Scarce:
    """A backend whose model runs out of memory in the given forward pass, as long as it is armed."""

    name = "plain"

    def __init__(self, at: int) -> None:
        self.at = at

    def load(self, wanted) -> Trainable:
        import torch

        loaded = PlainBackend().load(wanted)
        left = [self.at]

        def count(*_) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

        loaded.model.get_base_model().model.layers[0].mlp.register_forward_pre_hook(count)
        return loaded


@pytest.fixture
def home(tmp_path, tiny_llama):
    return make_home(tmp_path, tiny_llama)


@pytest.fixture
def recipe(home):
    data = write_pairs(home.root / "pairs.jsonl")
    recipe = process_recipe(data, checkpoints=20, evaluations=0, gradient_checkpointing=False, batch=2)
    return replace(recipe, lora=replace(recipe.lora, rank=8))


def exhausted(home, recipe, at=3):
    """A run that ran out of memory, with what it told."""
    told = []
    events = Stages(home, Team(), lambda *_: Scarce(at)).start(recipe, CancelToken())
    with pytest.raises(OutOfMemory, match="ran out of memory"):
        gather(events, told)
    (run,) = Runs(home.runs).all()
    return run, told


def gather(events, told):
    """Append ``events`` one by one, so that those before a failure are kept."""
    for event in events:
        told.append(event)


def resumed(home, run, changes=None, until=None):
    """Go on with ``run``; stop after the first event of the kind ``until``."""
    told, cancel = [], CancelToken()
    for event in Stages(home, Team()).resume(run.id, changes or {}, cancel):
        told.append(event)
        if until and isinstance(event, until):
            cancel.cancel()
    return told


def opened(told):
    return next(event for event in told if isinstance(event, RunOpened))


def test_that_out_of_memory_is_a_failed_run_with_proposals_it_can_go_on_with(home, recipe):
    run, told = exhausted(home, recipe)
    room = next(event for event in told if isinstance(event, RoomProposed))
    assert told[-1].state == "failed"
    assert run.info().state == "failed"
    assert "memory" in run.info().message
    assert run.events()[-1] == told[-1]
    first, *_ = room.changes
    assert first == {"training.batch": 1, "training.accumulation": 2}
    anew = [change for change, keeps in zip(room.changes, room.keeps_progress, strict=True) if not keeps]
    assert anew == [{"lora.rank": 4, "lora.alpha": 4}]
    rest = resumed(home, run, first)
    assert opened(rest).first_step == 2
    assert run.recipe().training.batch == 1
    assert [type(event) for event in rest if isinstance(event, Merged | Judged)] == [Merged, Judged]


def test_that_shorter_conversations_keep_the_progress(home, recipe):
    run, _ = exhausted(home, recipe)
    told = resumed(home, run, {"data.max_length": 512}, TrainingStep)
    assert opened(told).first_step == 2
    assert run.info().state == "stopped"


def test_that_a_smaller_rank_begins_anew(home, recipe):
    run, _ = exhausted(home, recipe)
    told = resumed(home, run, {"lora.rank": 4, "lora.alpha": 4}, TrainingStep)
    assert opened(told).first_step == 0
    assert next(event.step for event in told if isinstance(event, TrainingStep)) == 1
    assert run.info().state == "stopped"


def test_that_a_wrong_change_leaves_the_run_as_it_was(home, recipe):
    run, _ = exhausted(home, recipe)
    with pytest.raises(RecipeInvalid, match="max_length"):
        resumed(home, run, {"data.max_length": 1})
    assert run.recipe() == recipe
    assert opened(resumed(home, run, until=RunOpened)).first_step == 2


def test_that_a_run_goes_on_with_the_step_that_is_missing(home, recipe):
    run, _ = exhausted(home, recipe)
    stages = Stages(home, Team())
    cancel = CancelToken()
    for event in stages.resume(run.id, {}, cancel):
        if isinstance(event, RunStateChanged) and event.state == "trained":
            cancel.cancel()
            break
    assert run.info().state == "trained"
    told = resumed(home, run)
    assert [event.state for event in told if isinstance(event, RunStateChanged)] == ["merged", "judged"]
    run.result.unlink()
    with pytest.raises(RecipeInvalid, match="settled"):
        resumed(home, run, {"data.max_length": 512})
    told = resumed(home, run)
    assert [event.state for event in told if isinstance(event, RunStateChanged)] == ["judged"]
    with pytest.raises(RunUnusable, match="is done"):
        resumed(home, run)
    assert run.info().state == "judged"


def test_that_a_run_another_process_works_on_is_left_alone(home, recipe):
    run, _ = exhausted(home, recipe)
    with run.lock(), pytest.raises(RunUnusable, match="another Vademecum"):
        resumed(home, run)


def test_that_a_bug_is_the_state_of_the_run_too(home, recipe):
    class Broken:
        name = "plain"

        def load(self, wanted):
            raise ZeroDivisionError("question text")

    with pytest.raises(ZeroDivisionError):
        list(Stages(home, Team(), lambda *_: Broken()).start(recipe, CancelToken()))
    (run,) = Runs(home.runs).all()
    assert run.info().state == "failed"
    assert "ZeroDivisionError" in run.info().message
    assert "question text" not in run.info().message
