"""A run that is killed again and again, at moments of chance, mostly while it saves."""

import random
import time

import pytest

from core.generation.merging import ADAPTER
from core.protocol import CheckpointSaved, RunOpened, RunStateChanged
from core.tuning.runs import Runs
from tests.training.processes import Process, make_home, process_recipe, write_pairs, write_recipe
from training import checkpoints

KILLS = 4


def killed(home, chance, *arguments):
    """Kill a training process a moment after its first checkpoint; return what it told."""
    told = []
    with Process(home, "run", *arguments) as training:
        for event in training.events():
            told.append(event)
            if isinstance(event, CheckpointSaved):
                time.sleep(chance.uniform(0.0, 0.15))
                training.process.kill()
                break
    return told


@pytest.mark.slow
def test_that_no_kill_leaves_a_checkpoint_that_cannot_be_gone_on_from(tmp_path, tiny_llama):
    home = make_home(tmp_path, tiny_llama)
    pairs = write_pairs(home.root / "pairs.jsonl", 24)
    recipe = process_recipe(pairs, checkpoints=1000, evaluations=0, epochs=3.0)
    file = str(write_recipe(home, recipe))
    chance = random.Random(0)
    arguments = ["--recipe", file]
    for _ in range(KILLS):
        told = killed(home, chance, *arguments)
        (run,) = Runs(home.runs).all()
        arguments = ["--resume", run.id]
        saved = checkpoints.last(run)
        assert saved is not None
        assert saved > next(event.first_step for event in told if isinstance(event, RunOpened))
    with Process(home, "run", *arguments) as training:
        told = list(training.events())
    assert told[-1].cancelled is False
    assert [event.state for event in told if isinstance(event, RunStateChanged)][-1] == "judged"
    with Process(home, "run", "--recipe", file) as training:
        list(training.events())
    other = next(found for found in Runs(home.runs).all() if found.id != run.id)
    assert (run.adapter / ADAPTER).read_bytes() == (other.adapter / ADAPTER).read_bytes()
