"""Taking a tuned search model into use: every library follows, and comes back."""

import shutil
import sys
from pathlib import Path

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import LibraryBusy
from core.library.shelf import Shelf
from core.paths import Home
from core.runtime import Runtime
from core.settings import read_settings
from core.tuning.activation import activate, active, history, revert
from core.tuning.recipe import EmbedderRecipe
from core.tuning.switching import settle
from tests.fakes.tiny_home import QUESTION, make_tiny_home, write_records
from tests.fakes.tiny_models import make_tiny_embedder
from tests.fakes.tiny_runs import make_finished_run

LIBRARIES = ["second", "starter"]


@pytest.fixture(scope="session")
def other_embedder(tmp_path_factory):
    return make_tiny_embedder(tmp_path_factory.mktemp("models") / "other", dim=32)


@pytest.fixture
def home(tmp_path, tiny_llama, tiny_embedder):
    made = make_tiny_home(tmp_path / "home", tiny_llama, tiny_embedder)
    add(made, "second", {"title": "Another library", "abstract": "It is about insulin."})
    return made


@pytest.fixture
def run(home, other_embedder):
    return make_finished_run(home, other_embedder, EmbedderRecipe(name="my-search"))


def add(home, library, *records):
    source = write_records(home.root / "more.jsonl", list(records))
    Runtime(home, read_settings(home.settings)).add(library, [source], CancelToken(), lambda *_: None)


def searches(home):
    """Return the version of each library, having searched it with the model in the settings."""
    runtime = Runtime(home, read_settings(home.settings))
    found = {}
    for name in LIBRARIES:
        retriever = runtime.retriever([name])
        assert retriever.search(QUESTION, runtime.settings.retrieval, 2)
        found[name] = retriever.refs[0].version
        retriever.libraries[0].close()
    return found


def embedder(home):
    return read_settings(home.settings).model.embedder


def test_that_every_library_is_searched_with_the_new_model_and_reverts_with_it(home, run):
    before = searches(home)
    steps = []
    made = activate(home, run.id, progress=lambda *step: steps.append(step))
    assert embedder(home) == made.model == "my-search"
    after = searches(home)
    assert not set(before.values()) & set(after.values())
    assert ("embed anew", 3, 3, "chunks") in steps
    assert active(home) == (made,)
    revert(home)
    assert (embedder(home), searches(home)) == ("tiny-embedder", before)


def test_that_what_was_added_since_is_not_lost_when_reverting(home, run):
    activate(home, run.id)
    add(home, "starter", {"title": "A record that came later", "abstract": "It is new."})
    revert(home)
    assert embedder(home) == "tiny-embedder"
    assert searches(home)
    assert Shelf(home.libraries).info("starter").documents == 4
    assert Shelf(home.libraries).verify("starter") == []


def test_that_a_stopped_activation_changes_nothing_and_can_be_done_again(home, run):
    before, cancel = searches(home), CancelToken()
    with pytest.raises(Cancelled):
        activate(home, run.id, cancel=cancel, progress=lambda *_: cancel.cancel())
    assert (embedder(home), searches(home), history(home)) == ("tiny-embedder", before, ())
    assert activate(home, run.id).model == "my-search"
    assert searches(home)


def test_that_a_library_that_is_being_written_is_waited_for_by_the_user(home, run):
    with Shelf(home.libraries).lock("second"), pytest.raises(LibraryBusy):
        activate(home, run.id)
    assert embedder(home) == "tiny-embedder"


class Stop(BaseException):
    """Stands for a kill: nothing handles it."""


class Saboteur:
    """Fails at the n-th change of what is in ``folder`` while armed; Python's own files do not count."""

    def __init__(self, folder):
        self.folder, self.armed, self.left = str(folder), False, 0
        sys.addaudithook(self._audit)

    def _audit(self, event, args):
        if self.armed and event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "sqlite3.connect"):
            if Path(str(args[0])).is_absolute() and self.folder not in str(args[0]):
                return
            self.left -= 1
            if self.left == 0:
                self.armed = False
                raise Stop


@pytest.mark.parametrize("what", ["activate", "revert"])
def test_that_a_failure_at_any_change_of_the_disk_leaves_something_that_searches(home, run, tmp_path, what):
    if what == "revert":
        activate(home, run.id)
    saboteur, used = Saboteur(tmp_path), []
    for copy in failures(
        home, saboteur, tmp_path, lambda h: revert(h) if what == "revert" else activate(h, run.id)
    ):
        settle(copy)
        assert searches(copy)
        used.append(embedder(copy))
        activate(copy, run.id)
        assert (embedder(copy), bool(searches(copy))) == ("my-search", True)
        assert [Shelf(copy.libraries).verify(name) for name in LIBRARIES] == [[], []]
        revert(copy)
        assert (embedder(copy), bool(searches(copy))) == ("tiny-embedder", True)
    assert set(used) == {"tiny-embedder", "my-search"}
    assert len(used) >= 9


def failures(home, saboteur, folder, act):
    """Yield copies of ``home`` in which ``act`` failed at a change of the disk: some, and all of the last.

    How many changes there are depends on how many files an index of words has, which is not always the same.
    """
    whole = copy_of(home, folder / "whole")
    saboteur.armed, saboteur.left = True, 0
    act(whole)
    saboteur.armed, changes = False, -saboteur.left
    for at in sorted({*range(2, changes, changes // 6), *range(changes - 5, changes + 1)}):
        copy = copy_of(home, folder / f"copy-{at}")
        saboteur.left, saboteur.armed = at, True
        try:
            act(copy)
        except Stop:
            yield copy
        finally:
            saboteur.armed = False


def copy_of(home, folder):
    shutil.copytree(home.root, folder)
    return Home(folder)
