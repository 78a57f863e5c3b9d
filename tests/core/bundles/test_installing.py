"""A bundle is installed whole or not at all, beside what is in use, and can be gone back from."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from core.bundles.bundles import Bundles, Wish
from core.bundles.gathering import make_bundle
from core.bundles.making import Label
from core.bundles.signing import make_keys, read_private
from core.bundles.trust import Keyring
from core.cancel import Cancelled, CancelToken
from core.errors import BundleRefused, InputUnreadable, PolicyForbids, StorageFull
from core.library.retractions import read_lists
from core.library.shelf import Shelf
from core.paths import Home
from core.policy import Policy
from core.registry import inspect_model
from core.settings import Settings, read_settings, write_settings
from tests.core.bundles.conftest import quiet
from tests.fakes.tiny_home import make_tiny_home


@pytest.fixture
def home(tmp_path, keys):
    home = Home(tmp_path / "home")
    home.root.mkdir()
    Keyring(home, Policy(), False).add(keys / "maker.pub")
    return home


@pytest.fixture
def bundles(home):
    return bundles_with(home)


def bundles_with(home, policy=None):
    return Bundles(home, Keyring(home, policy or Policy(), policy is not None))


@pytest.fixture
def make_from(tmp_path, keys):
    """Make a bundle of ``source``, signed by the trusted maker if ``key`` is not said."""

    def write(home, kind, source, name, version, key="maker.pem", parents=(), largest=None):
        target = tmp_path / "out" / f"{name}-{version}.vademecum"
        target.parent.mkdir(exist_ok=True)
        private = read_private(keys / key) if key else None
        label = Label(kind, name, version, "CC0-1.0", parents, "", "Made up.")
        make_bundle(home, str(source), target, label, private, largest, CancelToken(), quiet)
        return target if target.exists() else target.with_name(target.name + ".001")

    return write


@pytest.fixture
def listed(make_from, home, tmp_path):
    """A bundle of a list of retractions."""

    def write(version, *pmids, **more):
        source = tmp_path / f"list-{version}.txt"
        source.write_text("".join(f"PMID:{pmid}\n" for pmid in pmids))
        return make_from(home, "retractions", source, "watch", version, **more)

    return write


@pytest.fixture
def model(make_from, home, tiny_llama, tmp_path):
    """A bundle of a tiny model, with a file that tells its version."""

    def write(version, name="brain", **more):
        source = tmp_path / f"model-{version}"
        shutil.copytree(tiny_llama, source, dirs_exist_ok=True)
        (source / "notes.txt").write_text(version)
        return make_from(home, "model", source, name, version, **more)

    return write


def install(bundles, path, **wish):
    return bundles.install(path, Wish(**wish), CancelToken(), quiet)


def files_of(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_that_a_model_is_installed_and_a_newer_one_takes_its_place_in_the_settings(bundles, home, model):
    first = install(bundles, model("1"))
    assert (first.entry.place, first.entry.signed_by) == ("brain", "maker")
    assert "Choose brain" in first.note
    write_settings(home.settings, change(Settings(), language="brain"))
    before = files_of(home.models / "brain")

    second = install(bundles, model("2"))
    assert (second.entry.place, second.note) == ("brain-2", "")
    assert read_settings(home.settings).model.language == "brain-2"
    assert files_of(home.models / "brain") == before  # a running process may read it
    assert inspect_model(home.models / "brain-2").kind == "language"

    back = bundles.rollback("brain")
    assert (back.entry.version, read_settings(home.settings).model.language) == ("1", "brain")
    with pytest.raises(BundleRefused, match="no version before 1"):
        bundles.rollback("brain")
    assert bundles.rollback("brain", "2").entry.version == "2"
    with pytest.raises(BundleRefused, match="brain 2 is in use"):
        bundles.remove("brain", "2")
    with pytest.raises(BundleRefused, match="the language model in use"):
        bundles.remove("brain")
    bundles.remove("brain", "1")
    assert [path.name for path in home.models.iterdir() if path.name[0] != "."] == ["brain-2"]


def change(settings, **model):
    from dataclasses import replace

    return replace(settings, model=replace(settings.model, **model))


def test_that_a_model_of_the_user_is_not_overwritten(bundles, home, model, tiny_llama):
    shutil.copytree(tiny_llama, home.models / "brain")
    assert install(bundles, model("1")).entry.place == "brain-1"


def test_that_a_search_model_in_use_is_not_switched_behind_the_libraries_back(
    bundles, home, make_from, tiny_embedder, tmp_path
):
    other = tmp_path / "other-embedder"
    shutil.copytree(tiny_embedder, other)
    (other / "notes.txt").write_text("another")
    install(bundles, make_from(home, "model", tiny_embedder, "finder", "1"))
    write_settings(home.settings, change(Settings(), embedder="finder"))
    second = install(bundles, make_from(home, "model", other, "finder", "2"))
    assert read_settings(home.settings).model.embedder == "finder"
    assert "embed the libraries anew" in second.note


def test_that_the_same_again_does_nothing_and_an_older_or_other_one_is_refused(bundles, home, listed):
    path = listed("2", 1, 2)
    install(bundles, path)
    kept = files_of(home.root)
    assert install(bundles, path).already
    assert files_of(home.root) == kept
    with pytest.raises(BundleRefused, match=r"watch 1 is older than 2, which is in use"):
        install(bundles, listed("1", 1))
    path.unlink()
    with pytest.raises(BundleRefused, match="with other content"):
        install(bundles, listed("2", 1, 2, 3))


def test_that_lists_of_retractions_count_and_can_be_gone_back_from(bundles, home, listed):
    install(bundles, listed("2026.1", 1))
    install(bundles, listed("2026.10", 1, 22))
    assert read_lists(home.retractions).pmids == {"1", "22"}
    assert bundles.rollback("watch").entry.version == "2026.1"
    assert read_lists(home.retractions).pmids == {"1"}
    bundles.remove("watch")
    assert not read_lists(home.retractions).pmids
    assert bundles.installed() == []


def test_that_a_list_the_user_imported_is_not_replaced(bundles, home, listed):
    home.retractions.mkdir()
    (home.retractions / "watch.txt").write_text("PMID:9\n")
    with pytest.raises(BundleRefused, match="imported a list named watch yourself"):
        install(bundles, listed("1", 1))
    assert install(bundles, listed("1.1", 1), name="theirs").entry.name == "theirs"
    assert read_lists(home.retractions).pmids == {"1", "9"}


def test_that_a_library_gets_another_version_unless_the_user_has_changed_it(
    bundles, home, make_from, tiny_llama, tiny_embedder, tmp_path
):
    from core.runtime import Runtime
    from tests.fakes.tiny_home import tiny_settings, write_records

    there = make_tiny_home(tmp_path / "there", tiny_llama, tiny_embedder)
    first = make_from(there, "library", "starter", "heart", "1")
    more = write_records(tmp_path / "more.jsonl", [{"pmid": "7", "title": "More", "abstract": "Much more."}])
    elsewhere = Runtime(there, tiny_settings())
    elsewhere.add("starter", [more], CancelToken(), quiet)
    second = make_from(there, "library", "starter", "heart", "2")

    shelf = Shelf(home.libraries)
    install(bundles, first)
    assert shelf.info("heart").documents == 3
    held = shelf.active_version("heart")[0]
    before = files_of(held)
    install(bundles, second)
    assert shelf.info("heart").documents == 4
    assert files_of(held) == before
    assert bundles.rollback("heart").entry.version == "1"
    assert shelf.info("heart").documents == 3

    shutil.copytree(there.models, home.models, dirs_exist_ok=True)
    Runtime(home, tiny_settings()).add("heart", [more], CancelToken(), quiet)
    for attempt in (lambda: bundles.rollback("heart", "1"), lambda: bundles.remove("heart")):
        with pytest.raises(BundleRefused, match="what you have put in it yourself"):
            attempt()
    third = make_from(there, "library", "starter", "heart", "3")
    with pytest.raises(BundleRefused, match="what you have put in it yourself"):
        install(bundles, third)
    assert install(bundles, third, name="their-heart").entry.name == "their-heart"
    assert shelf.names() == ["heart", "their-heart"]


@pytest.fixture
def adapter(tmp_path, tiny_llama):
    """A LoRA adapter of the tiny model."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_llama)
    tuned = get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False))
    tuned.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def test_that_an_adapter_needs_its_base_and_becomes_a_model(bundles, home, model, make_from, adapter):
    path = make_from(home, "adapter", adapter, "tuned", "1", parents=("brain",))
    with pytest.raises(BundleRefused, match="belongs to the model brain, which is not installed") as refused:
        install(bundles, path)
    assert refused.value.hint == "Install brain first, then this bundle."
    install(bundles, model("1"))
    install(bundles, path)
    assert inspect_model(home.models / "tuned").kind == "language"
    weights = "model.safetensors"
    assert (home.models / "tuned" / weights).read_bytes() != (home.models / "brain" / weights).read_bytes()
    assert not (home.models / ".incoming").exists()
    bundles.remove("brain")  # what was merged stands alone


def test_that_an_adapter_of_another_base_is_refused(bundles, home, make_from, adapter, tmp_path):
    from tests.fakes.tiny_models import make_tiny_llama

    make_tiny_llama(home.models / "wide", width=64)
    path = make_from(home, "adapter", adapter, "tuned", "1", parents=("wide",))
    with pytest.raises(BundleRefused, match="does not fit wide"):
        install(bundles, path)
    assert bundles.installed() == []
    assert not (home.models / "tuned").exists()


def test_who_must_have_signed_for_a_bundle_to_be_taken(home, listed, keys):
    unsigned = listed("1", 1, key=None)
    mine, lax, strict = (
        bundles_with(home, policy) for policy in (None, Policy(unsigned_bundles=True), Policy())
    )
    with pytest.raises(BundleRefused, match="is not signed"):
        install(mine, unsigned)
    with pytest.raises(PolicyForbids, match="takes no such bundles"):
        install(strict, unsigned, unsigned=True)
    assert install(mine, unsigned, unsigned=True).entry.signed_by == ""
    mine.remove("watch")
    assert install(lax, unsigned).entry.signed_by == ""


def test_that_a_key_is_trusted_by_the_user_or_by_the_policy_until_it_is_not(tmp_path, keys, listed):
    home = Home(tmp_path / "fresh")
    path = listed("1", 1)
    with pytest.raises(BundleRefused, match="whose key is not trusted here"):
        install(bundles_with(home), path)
    by_policy = bundles_with(home, Policy(keys=(str(keys),)))
    assert install(by_policy, path).entry.signed_by == "maker"
    by_policy.remove("watch")
    keyring = Keyring(home, Policy(), False)
    assert keyring.add(keys / "maker.pub", "a friend").name == "a friend"
    make_keys(tmp_path / "x.pem", tmp_path / "x.pub")
    with pytest.raises(InputUnreadable, match="Another key is called a friend"):
        keyring.add(tmp_path / "x.pub", "a friend")
    keyring.remove("a friend")
    assert keyring.keys() == []


def test_that_the_policy_can_forbid_lists_and_libraries(home, listed):
    with pytest.raises(PolicyForbids, match="Libraries cannot be changed"):
        install(bundles_with(home, Policy(imports=False)), listed("1", 1))


def test_that_room_is_looked_for_before_anything_is_written(bundles, home, model, monkeypatch):
    path = model("1")
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 10_000))
    with pytest.raises(StorageFull, match="not enough room"):
        install(bundles, path)
    assert not home.models.exists()


def test_that_only_one_process_installs_at_a_time(bundles, home, listed):
    with (
        Bundles(home, bundles.keyring).register.lock(),
        pytest.raises(BundleRefused, match="Another Vademecum"),
    ):
        install(bundles, listed("1", 1))


def test_that_a_cancelled_installation_changes_nothing_in_use(bundles, home, model):
    path, cancel = model("1"), CancelToken()

    def stop(step, done, total, unit):
        if step == "unpack":
            cancel.cancel()

    with pytest.raises(Cancelled):
        bundles.install(path, Wish(), cancel, stop)
    assert bundles.installed() == []
    assert install(bundles, path).entry.place == "brain"


_KILLED = """
import sys
from pathlib import Path
from core.bundles.bundles import Bundles, Wish
from core.bundles.trust import Keyring
from core.cancel import CancelToken
from core.paths import Home
from core.policy import Policy
home = Home(Path(sys.argv[1]))
def tell(step, done, total, unit):
    print(step, done, flush=True)
    if step == sys.argv[3] and done >= int(sys.argv[4]):
        sys.stdin.readline()
Bundles(home, Keyring(home, Policy(), False)).install(Path(sys.argv[2]), Wish(), CancelToken(), tell)
"""


def kill_in_the_middle(home, path, step, done):
    """Install in a process that waits at ``step`` and is killed there."""
    command = [sys.executable, "-c", _KILLED, str(home.root), str(path), step, str(done)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            name, count = line.split()
            if name == step and int(count) >= done:
                break
        time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a Unix word")
def test_that_a_half_copied_bundle_that_was_killed_goes_on_from_there(bundles, home, model):
    path = model("1", largest=100_000)
    assert path.name.endswith(".001")
    kill_in_the_middle(home, path, "unpack", 100_000)
    assert bundles.installed() == []
    assert not (home.models / "brain").exists()
    finished = {
        file.name: file.stat().st_mtime_ns
        for file in (home.models / ".incoming").rglob("*")
        if file.is_file()
    }
    assert "config.json" in finished
    assert install(bundles, path).entry.place == "brain"
    again = {file.name: file.stat().st_mtime_ns for file in (home.models / "brain").rglob("*")}
    assert again["config.json"] == finished["config.json"]  # not written again
    assert inspect_model(home.models / "brain").kind == "language"


@pytest.mark.parametrize("kind", ["model", "retractions"])
def test_that_a_kill_between_deciding_and_appearing_leaves_no_second_copy(
    bundles, home, model, listed, kind, monkeypatch
):
    path = model("1") if kind == "model" else listed("1", 5)

    def die(source, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"core.bundles.{'models' if kind == 'model' else 'lists'}.rename_into", die)
        with pytest.raises(KeyboardInterrupt):
            install(bundles, path)
    assert bundles.installed() == []
    install(bundles, path)
    assert len(bundles.installed()) == 1
    assert len(bundles.register.entries()) == 1
    if kind == "model":
        assert [p.name for p in home.models.iterdir() if p.name[0] != "."] == ["brain"]


def test_that_a_kill_before_the_switch_is_made_good_by_installing_again(bundles, home, listed, monkeypatch):
    path = listed("1", 5)
    with monkeypatch.context() as patched:
        patched.setattr("core.bundles.lists.Lists.use", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            install(bundles, path)
    assert not read_lists(home.retractions).pmids
    assert install(bundles, path).already
    assert read_lists(home.retractions).pmids == {"5"}


def test_that_a_damaged_register_is_told_and_a_newer_one_is_not_touched(bundles, home):
    register = home.root / "bundles.json"
    register.write_text("{")
    with pytest.raises(BundleRefused, match="Cannot read"):
        bundles.installed()
    register.write_text(json.dumps({"version": 2}))
    with pytest.raises(BundleRefused, match="newer Vademecum"):
        bundles.installed()
    assert register.read_text() == json.dumps({"version": 2})
