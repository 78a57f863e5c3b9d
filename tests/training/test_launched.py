"""One run in two processes, started by accelerate from the command line; gloo on loopback."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from core.generation.merging import ADAPTER
from core.offline import attempts
from core.protocol import RunOpened
from core.tuning.runs import Runs
from tests.training.processes import environment, make_home, process_recipe, write_pairs, write_recipe
from training import checkpoints

CONFIG = """
compute_environment: LOCAL_MACHINE
distributed_type: MULTI_GPU
num_processes: 2
num_machines: 1
machine_rank: 0
mixed_precision: 'no'
dynamo_config: {}
"""


def launched(home, config, *which):
    command = ["train", "run", *which, "--launcher", "accelerate", "--config", str(config), "--json"]
    return subprocess.run(
        [sys.executable, "-m", "desktop.cli", *command],
        env={**environment(home), "CUDA_VISIBLE_DEVICES": "", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="torch has no gloo launcher there")
def test_that_two_processes_train_one_run_of_which_one_writes_and_both_resume(tmp_path, tiny_llama):
    home = make_home(tmp_path, tiny_llama)
    recipe = process_recipe(write_pairs(home.root / "pairs.jsonl"), checkpoints=2)
    config = home.root / "accelerate.yaml"
    config.write_text(CONFIG)
    done = launched(home, config, "--recipe", str(write_recipe(home, recipe)))
    assert done.returncode == 0, done.stderr + (home.logs / "training.log").read_text()
    (run,) = Runs(home.runs).all()
    assert json.loads(done.stdout)["run"]["state"] == "judged"
    saved = checkpoints.folder_of(run, checkpoints.last(run))
    assert {"rng_state_0.pth", "rng_state_1.pth"} <= {path.name for path in saved.iterdir()}
    steps = json.loads((saved / "trainer_state.json").read_text())["max_steps"]
    assert run.info().step == run.info().steps == steps
    assert attempts(home) == 0
    whole = (run.adapter / ADAPTER).read_bytes()
    for lost in (run.adapter, run.merged, saved):
        shutil.rmtree(lost)
    run.result.unlink()
    again = launched(home, config, "--resume", run.id)
    assert again.returncode == 0, again.stderr + (home.logs / "training.log").read_text()
    opened = [event for event in run.events() if isinstance(event, RunOpened)]
    assert [event.first_step for event in opened] == [0, steps // 2]
    assert (run.adapter / ADAPTER).read_bytes() == whole
