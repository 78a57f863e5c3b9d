"""What an administrator shares is used in place, by a user who cannot write there, and stays as it was."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import InputUnreadable, LibraryMissing, PolicyForbids
from core.library.copying import copy_library
from core.library.shelf import Shelf, shelf_of
from core.library.store import DocumentStore
from core.library.upgrade import settle
from core.paths import Home
from core.policy import Policy
from core.registry import find_model, installed
from core.runtime import Runtime
from core.settings import settings_of, write_settings
from tests.conftest import let_others_look_into
from tests.fakes.tiny_home import QUESTION, make_tiny_home, tiny_settings, write_records

NOBODY = 65534


def tell(*progress):
    pass


@pytest.fixture(scope="module")
def share(tmp_path_factory, tiny_llama, tiny_embedder):
    """A folder with tiny models and the library "hospital", as on a share that only its owner can write."""
    folder = tmp_path_factory.mktemp("srv") / "Vademecum shared ä"
    made = make_tiny_home(folder, tiny_llama, tiny_embedder)
    (made.libraries / "starter").rename(made.libraries / "hospital")
    shutil.rmtree(made.libraries / ".locks")
    for lock in made.root.rglob("*.lock"):
        lock.unlink()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    let_others_look_into(folder.parent)
    before = state(folder)
    yield folder
    assert state(folder) == before, "something was written into the shared folder"


@pytest.fixture
def home(tmp_path, share):
    """A user's own folder, empty but for settings, on a computer that names the share."""
    home = Home(tmp_path / "home", Policy(content=(str(share),)))
    write_settings(home.settings, tiny_settings())
    return home


def state(folder: Path):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


def test_that_models_are_used_where_they_are_shared(home, share):
    assert find_model(home, "tiny-llama", "language") == share / "models" / "tiny-llama"
    assert [model.name for model in installed(home)] == ["tiny-embedder", "tiny-llama"]


def test_that_the_users_own_model_of_that_name_comes_first(home, tiny_llama):
    shutil.copytree(tiny_llama, home.models / "tiny-llama")
    assert find_model(home, "tiny-llama", "language") == (home.models / "tiny-llama").resolve()


def test_that_a_shared_library_is_listed_as_such_and_searched(home):
    shelf = shelf_of(home)
    assert (shelf.names(), shelf.own()) == (["hospital"], [])
    assert shelf.info("hospital").shared
    assert shelf.verify("hospital") == []
    retriever = Runtime(home, settings_of(home)).retriever(["hospital"])
    assert retriever.search(QUESTION, tiny_settings().retrieval, 1)[0].document.pmid == "101"
    assert not home.libraries.exists()


_SEARCH = """
import sys
from pathlib import Path
from core.library.shelf import shelf_of
from core.paths import Home
from core.policy import Policy
from core.runtime import Runtime
from core.settings import settings_of
from tests.fakes.tiny_home import QUESTION, tiny_settings
home = Home(Path(sys.argv[1]), Policy(content=(sys.argv[2],)))
assert shelf_of(home).verify("hospital") == []
found = Runtime(home, tiny_settings()).retriever(["hospital"]).search(QUESTION, tiny_settings().retrieval, 1)
print(found[0].document.pmid)
try:
    Path(sys.argv[2], "libraries", "x").touch()
except PermissionError:
    print("read-only")
"""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("setpriv"),
    reason="only root can try it as another user, with setpriv",
)
def test_that_a_user_without_the_right_to_write_searches_it(share, tmp_path_factory):
    home = tmp_path_factory.mktemp("nobody")
    home.chmod(0o777)
    command = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    if subprocess.run([*command, "test", "-r", __file__]).returncode:
        pytest.skip("the source lies where another user may not read it")
    environment = {**os.environ, "HOME": str(home), "VADEMECUM_HOME": str(home), "TMPDIR": str(home)}
    done = subprocess.run(
        [*command, sys.executable, "-c", _SEARCH, str(home), str(share)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.split() == ["101", "read-only"], done.stderr
    assert list(home.glob("vademecum-*")) == []  # the links that the word index was opened by


def test_that_a_shared_library_is_never_written_and_a_copy_is_offered(home, tmp_path):
    runtime = Runtime(home, settings_of(home))
    shelf, source = runtime.shelf, write_records(tmp_path / "more.jsonl")
    attempts = (
        lambda: runtime.add("hospital", [source], CancelToken(), tell),
        lambda: shelf.remove("hospital"),
        lambda: shelf.use("hospital", "x"),
        lambda: shelf.lock("hospital").__enter__(),
    )
    for attempt in attempts:
        with pytest.raises(PolicyForbids, match="can only be read") as caught:
            attempt()
        assert "library copy" in caught.value.hint
    assert settle(shelf) == []


def test_that_a_copy_is_the_users_own_and_can_be_added_to(home, tmp_path):
    runtime = Runtime(home, settings_of(home))
    made = copy_library(runtime.shelf, "hospital", "mine", CancelToken(), tell)
    assert (made.documents, made.shared) == (3, False)
    assert runtime.shelf.verify("mine") == []
    record = {"pmid": "104", "title": "Zinc and colds", "abstract": "Zinc shortened colds by a day."}
    report = runtime.add("mine", [write_records(tmp_path / "new.jsonl", [record])], CancelToken(), tell)
    assert (report.added, report.documents) == (1, 4)
    assert runtime.shelf.verify("mine") == []
    with DocumentStore.open(runtime.shelf.active_version("hospital")[0]) as store:
        assert store.find("104") is None


def test_that_nothing_stays_of_a_copy_that_was_cancelled_or_refused(home):
    shelf, cancel = shelf_of(home), CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        copy_library(shelf, "hospital", "mine", cancel, tell)
    copy_library(shelf, "hospital", "hospital 2", CancelToken(), tell)
    with pytest.raises(InputUnreadable, match="already"):
        copy_library(shelf, "hospital", "hospital 2", CancelToken(), tell)
    with pytest.raises(LibraryMissing):
        copy_library(shelf, "none", "mine", CancelToken(), tell)
    assert shelf.own() == ["hospital 2"]


def test_that_a_library_of_the_users_own_hides_a_shared_one_of_that_name(home, tmp_path):
    own = Shelf(home.libraries)
    copy_library(shelf_of(home), "hospital", "other", CancelToken(), tell)
    (home.libraries / "other").rename(home.libraries / "hospital")
    assert not shelf_of(home).info("hospital").shared
    own.remove("hospital")
    assert shelf_of(home).info("hospital").shared


def test_that_a_share_that_is_out_of_reach_takes_nothing_else_away(home, share):
    away = Home(home.root, Policy(content=(str(share / "away"), str(share))))
    assert shelf_of(away).names() == ["hospital"]
    assert shelf_of(Home(home.root, Policy(content=("/away",)))).names() == []
    assert [model.name for model in installed(away)] == ["tiny-embedder", "tiny-llama"]


def test_that_a_shared_library_travels_as_a_bundle(home, tmp_path):
    from core.library.transfer import export_library, import_library

    target = tmp_path / "hospital.vademecum"
    export_library(shelf_of(home), "hospital", target, CancelToken(), tell)
    assert import_library(shelf_of(home), target, "again", CancelToken(), tell).documents == 3
