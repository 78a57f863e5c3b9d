import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tuning.recipe import Recipe
from core.tuning.runs import Runs
from training import checkpoints

FILES = {
    "adapter_model.safetensors": b"weights" * 50,
    "optimizer.pt": b"moments" * 90,
    "rng_state.pth": b"dice",
    "part/0.bin": b"shard",
}


@pytest.fixture
def run(tmp_path):
    return Runs(tmp_path).create(Recipe())


def write(run, step, files=FILES):
    folder = checkpoints.folder_of(run, step)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_that_a_checkpoint_is_found_once_it_is_sealed(run):
    write(run, 2)
    assert checkpoints.last(run) is None
    checkpoints.seal(run, 2)
    assert checkpoints.last(run) == 2


def test_that_the_newest_whole_one_is_taken(run):
    for step in (2, 4, 10):
        write(run, step)
        checkpoints.seal(run, step)
    (checkpoints.folder_of(run, 10) / "optimizer.pt").write_bytes(b"torn")
    assert checkpoints.last(run) == 4


def test_that_a_checkpoint_of_another_run_or_step_is_never_taken(run, tmp_path):
    write(run, 2)
    checkpoints.seal(run, 2)
    shutil.copytree(checkpoints.folder_of(run, 2), checkpoints.folder_of(run, 3))
    other = Runs(tmp_path).create(Recipe(name="other"))
    shutil.copytree(checkpoints.folder_of(run, 2), checkpoints.folder_of(other, 2))
    assert checkpoints.last(run) == 2
    assert checkpoints.last(other) is None


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_that_a_save_that_was_cut_off_anywhere_is_never_taken(tmp_path_factory, data):
    """A kill leaves some files whole, one cut short and the rest missing, with or without a torn seal."""
    run = Runs(tmp_path_factory.mktemp("runs")).create(Recipe())
    write(run, 1)
    checkpoints.seal(run, 1)
    whole = write(run, 2)
    checkpoints.seal(run, 2)
    written = [*FILES, checkpoints.SEAL]
    kept = data.draw(st.integers(0, len(written) - 1))
    torn = whole / written[kept]
    content = torn.read_bytes()
    torn.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    for name in written[kept + 1 :]:
        if name != checkpoints.SEAL or data.draw(st.booleans()):
            (whole / name).unlink()
    assert checkpoints.last(run) == 1


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from([*FILES, "extra.bin"]), at=st.integers(0, 3))
def test_that_one_changed_byte_or_file_is_noticed(tmp_path_factory, name, at):
    run = Runs(tmp_path_factory.mktemp("runs")).create(Recipe())
    folder = write(run, 5)
    checkpoints.seal(run, 5)
    path = folder / name
    content = bytearray(path.read_bytes() if path.exists() else b"new!")
    content[at] ^= 1
    path.write_bytes(content)
    assert checkpoints.last(run) is None


def test_that_old_checkpoints_go_but_the_best_one_stays(run):
    for step in (1, 2, 3, 4, 5):
        write(run, step)
        checkpoints.seal(run, step)
        checkpoints.prune(run, best=2 if step > 1 else 1)
    assert checkpoints.steps(run) == [2, 4, 5]


def test_that_an_unsealed_checkpoint_never_pushes_a_whole_one_out(run):
    for step in (1, 2):
        write(run, step)
        checkpoints.seal(run, step)
    write(run, 3)
    checkpoints.prune(run, best=None)
    assert checkpoints.last(run) == 2
    assert checkpoints.steps(run) == [1, 2, 3]


def test_that_what_came_after_the_resumed_step_is_deleted(run):
    for step in (1, 2, 3):
        write(run, step)
    checkpoints.drop_after(run, 1)
    assert checkpoints.steps(run) == [1]
    assert not list(Path(run.folder).glob("checkpoint-3*"))
