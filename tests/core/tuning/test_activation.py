"""Taking a tuned language model into use, and going back."""

import shutil
import signal
import subprocess
import sys

import pytest

from core.errors import ModelUnusable, RunUnusable
from core.paths import Home
from core.registry import find_model
from core.settings import read_settings, write_settings
from core.tuning.activation import activate, active, history, in_use, revert
from core.tuning.installing import model_folder
from core.tuning.recipe import Recipe
from core.tuning.runs import Runs
from core.tuning.switching import settle
from tests.fakes.tiny_home import tiny_settings
from tests.fakes.tiny_runs import make_finished_run


@pytest.fixture
def home(tmp_path, tiny_llama):
    made = Home(tmp_path / "home")
    made.models.mkdir(parents=True)
    (made.models / "tiny-llama").symlink_to(tiny_llama)
    write_settings(made.settings, tiny_settings())
    return made


def language(home):
    return read_settings(home.settings).model.language


def test_that_an_activated_model_is_the_one_that_answers_and_the_rest_of_the_settings_stays(home, tiny_llama):
    run = make_finished_run(home, tiny_llama)
    made = activate(home, run.id)
    assert language(home) == made.model == "mine"
    assert find_model(home, "mine", "language") == home.models / "mine"
    assert read_settings(home.settings).sampling == tiny_settings().sampling
    assert not run.merged.exists()
    assert model_folder(home, run) == home.models / "mine"
    assert active(home) == history(home) == (made,)
    assert in_use(home, run.id)


def test_that_revert_brings_back_what_was_there_before_step_by_step(home, tiny_llama):
    first, second = (make_finished_run(home, tiny_llama, Recipe(name=name)) for name in ("one", "two"))
    activate(home, first.id)
    activate(home, second.id)
    assert language(home) == "two"
    assert revert(home).run == second.id
    assert (language(home), in_use(home, first.id), in_use(home, second.id)) == ("one", True, False)
    assert revert(home).run == first.id
    assert (language(home), active(home)) == ("tiny-llama", ())
    assert [bool(each.reverted) for each in history(home)] == [True, True]
    with pytest.raises(RunUnusable, match="No tuned model is in use"):
        revert(home)


def test_that_a_reverted_model_can_be_taken_again(home, tiny_llama):
    run = make_finished_run(home, tiny_llama)
    activate(home, run.id)
    revert(home)
    assert activate(home, run.id).model == "mine"
    assert language(home) == "mine"
    assert revert(home).previous == language(home) == "tiny-llama"


def test_that_activating_what_is_in_use_changes_nothing(home, tiny_llama):
    run = make_finished_run(home, tiny_llama)
    assert activate(home, run.id) == activate(home, run.id)
    assert len(history(home)) == 1


def test_that_revert_respects_a_model_chosen_by_hand_since(home, tiny_llama):
    activate(home, make_finished_run(home, tiny_llama).id)
    write_settings(home.settings, tiny_settings())
    with pytest.raises(RunUnusable, match="No tuned model is in use"):
        revert(home)


def test_that_a_worse_model_is_refused_unless_the_user_insists(home, tiny_llama):
    run = make_finished_run(home, tiny_llama, verdict="worse")
    with pytest.raises(RunUnusable, match="It is worse") as failure:
        activate(home, run.id)
    assert "Insist" in failure.value.hint
    assert language(home) == "tiny-llama"
    activate(home, run.id, insist=True)
    assert language(home) == "mine"


def test_that_a_model_that_was_not_compared_is_refused_unless_the_user_insists(home, tiny_llama):
    run = make_finished_run(home, tiny_llama, verdict=None)
    with pytest.raises(RunUnusable, match="has not been compared"):
        activate(home, run.id)
    assert activate(home, run.id, insist=True).model == "mine"


def test_that_a_run_without_a_model_is_refused_even_if_the_user_insists(home):
    run = Runs(home.runs).create(Recipe(name="mine"))
    with pytest.raises(RunUnusable, match="has no finished model"):
        activate(home, run.id, insist=True)


def test_that_a_folder_that_is_no_language_model_is_not_taken_into_use(home, tiny_embedder):
    run = make_finished_run(home, tiny_embedder)
    with pytest.raises(ModelUnusable):
        activate(home, run.id)
    assert (language(home), history(home)) == ("tiny-llama", ())


def test_that_a_taken_name_gets_a_number(home, tiny_llama):
    (home.models / "MINE").mkdir()
    assert activate(home, make_finished_run(home, tiny_llama).id).model == "mine-2"


def test_that_a_model_on_another_disk_arrives_whole(home, tiny_llama, monkeypatch):
    from pathlib import Path

    real = Path.rename

    def rename(self, target):
        if self.name == "merged":
            raise OSError(18, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    run = make_finished_run(home, tiny_llama)
    activate(home, run.id)
    assert find_model(home, "mine", "language")
    assert {p.name for p in (home.models / "mine").iterdir()} == {p.name for p in tiny_llama.iterdir()}
    assert sorted(path.name for path in home.models.iterdir()) == ["mine", "tiny-llama"]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"version": 9}'])
def test_that_a_log_that_cannot_be_read_is_said_and_never_replaced(home, tiny_llama, content):
    (home.root / "activations.json").write_bytes(content)
    with pytest.raises(RunUnusable):
        activate(home, make_finished_run(home, tiny_llama).id)
    settle(home)  # at every start of the program: never an obstacle
    assert (home.root / "activations.json").read_bytes() == content


# Activates or reverts, and kills itself before the n-th change of the disk. Prints how many there are.
CHILD = """
import os, signal, sys
from pathlib import Path
from core.paths import Home
from core.tuning import activation
home, what, kill = Home(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
changes = 0
def audit(event, args):
    global changes
    if not args or os.path.isabs(str(args[0])) and str(home.root) not in str(args[0]): return  # Python's own
    writes = event == "open" and str(home.root) in str(args[0]) and args[2] & (os.O_WRONLY | os.O_RDWR)
    if writes or event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir"):
        changes += 1
        if changes == kill: os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(audit)
activation.revert(home) if what == "revert" else activation.activate(home, what)
print(changes)
"""


def kills(home, what, folder):
    """Yield a copy of ``home`` for each change of the disk, after a child was killed before that change."""
    for kill in range(1, 100):
        copy = Home(folder / str(kill))
        shutil.copytree(home.root, copy.root, symlinks=True)
        command = [sys.executable, "-c", CHILD, str(copy.root), what, str(kill)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode == 0:
            return
        assert done.returncode == -signal.SIGKILL, done.stderr
        yield copy


def test_that_a_kill_at_any_change_of_the_disk_leaves_the_old_model_or_the_new_one(
    home, tiny_llama, tmp_path
):
    run = make_finished_run(home, tiny_llama)
    used = []
    for copy in kills(home, run.id, tmp_path):
        used.append(language(copy))
        assert find_model(copy, used[-1], "language")
        settle(copy)
        assert in_use(copy, run.id) == (language(copy) == "mine")
        assert activate(copy, run.id).model == language(copy) == "mine"
        assert revert(copy).previous == language(copy) == "tiny-llama"
        assert active(copy) == ()
    assert set(used) == {"tiny-llama", "mine"}


def test_that_a_kill_while_reverting_leaves_the_old_model_or_the_new_one(home, tiny_llama, tmp_path):
    run = make_finished_run(home, tiny_llama)
    activate(home, run.id)
    used = []
    for copy in kills(home, "revert", tmp_path):
        used.append(language(copy))
        settle(copy)
        assert in_use(copy, run.id) == (language(copy) == "mine")
        assert activate(copy, run.id).model == language(copy) == "mine"
    assert set(used) == {"tiny-llama", "mine"}
