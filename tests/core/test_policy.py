"""What the administrator decides holds, and a policy that cannot be read allows nothing."""

from dataclasses import replace

import pytest

from core.bundles.bundles import bundles_of
from core.bundles.signing import make_keys
from core.cancel import CancelToken
from core.errors import LibraryMissing, PolicyForbids, SettingsInvalid
from core.library.copying import copy_library
from core.library.shelf import shelf_of
from core.paths import Home, default_home
from core.policy import Policy, places, read_policy
from core.protocol import (
    Activate,
    AddToLibrary,
    Ask,
    Failed,
    Judge,
    Merge,
    Resume,
    Search,
    Train,
    TuneEmbedder,
)
from core.runtime import Runtime
from core.settings import ModelSettings, Settings, settings_of, with_locked, write_settings
from core.tuning.recipe import EmbedderRecipe, Recipe
from core.worker.jobs import Jobs
from core.worker.loop import job
from training.jobs import Jobs as TrainingJobs
from training.team import Team


def test_that_without_a_policy_everything_is_allowed_but_bundles_by_nobody(tmp_path):
    policy = read_policy([tmp_path / "none.toml"])
    assert policy == Policy()
    policy.must_allow("imports")
    policy.must_allow("training")
    assert not policy.unsigned_bundles


def test_that_the_first_policy_counts_and_says_what_is_forbidden(tmp_path):
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text('imports = false\ncontent = ["/srv/vademecum"]\n[settings.model]\nlanguage = "big"\n')
    second.write_text("training = false\n")
    policy = read_policy([tmp_path / "none.toml", first, second])
    assert policy.content == ("/srv/vademecum",)
    assert policy.settings == {"model": {"language": "big"}}
    policy.must_allow("training")
    with pytest.raises(PolicyForbids, match="Libraries cannot be changed"):
        policy.must_allow("imports")


@pytest.mark.parametrize("text", ["import = false", "imports = 0", "imports = ", "\xff", "settings = 3"])
def test_that_a_policy_with_a_mistake_stops_the_program(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsInvalid, match=r"policy\.toml"):
        read_policy([path])


def test_that_a_policy_of_the_system_comes_before_one_beside_the_program(tmp_path):
    assert places(tmp_path)[-1] == tmp_path / "policy.toml"
    assert len(places(tmp_path)) == 2
    assert tmp_path not in places()[0].parents


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('content = ["srv"]', "no absolute path"),
        ('keys = ["../keys"]', "no absolute path"),
        ("[settings.model]\nlanguag = 'big'", "no setting model.languag"),
        ("[settings.retrieval]\npassages = 0", "settings"),
        ("[settings]\nmodel = 3", "settings"),
    ],
)
def test_that_a_policy_with_a_value_that_cannot_be_stops_the_program(tmp_path, text, said):
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(SettingsInvalid, match=said) as caught:
        read_policy([path])
    assert "looks after" in caught.value.hint


def test_that_a_folder_in_place_of_the_policy_stops_the_program(tmp_path):
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        read_policy([tmp_path])


def test_that_every_way_to_the_data_folder_reads_the_policy(tmp_path, monkeypatch):
    path = tmp_path / "policy.toml"
    monkeypatch.setattr("core.paths.places", lambda program: [path])
    assert default_home().policy == Policy()
    path.write_text("training = false")
    assert default_home().policy == Policy(training=False, file=str(path))
    path.write_text("trainng = false")
    with pytest.raises(SettingsInvalid, match="trainng"):
        default_home()


LOCKED = Policy(settings={"libraries": ["hospital"], "model": {"language": "big"}})


def test_that_locked_settings_hold_whatever_the_user_has_written(tmp_path):
    home = Home(tmp_path, LOCKED)
    mine = Settings(libraries=("starter",), model=ModelSettings(language="mine", context=512))
    write_settings(home.settings, mine)
    assert settings_of(home) == Settings(
        libraries=("hospital",), model=ModelSettings(language="big", context=512)
    )
    assert LOCKED.locks("model", "language")
    assert not LOCKED.locks("model", "context")
    assert not LOCKED.locks("libraries", "x")


def test_that_locked_settings_cannot_be_changed(tmp_path):
    now = with_locked(Settings(), LOCKED.settings)
    LOCKED.must_keep(now)
    LOCKED.must_keep(replace(now, collect=True))
    with pytest.raises(PolicyForbids, match=r"model\.language is set by your administrator"):
        LOCKED.must_keep(replace(now, model=ModelSettings()))
    with pytest.raises(PolicyForbids, match="libraries is set"):
        LOCKED.must_keep(replace(now, libraries=("starter",)))


def test_that_libraries_are_changed_nowhere_where_that_is_forbidden(tmp_path):
    home = Home(tmp_path, Policy(imports=False))
    shelf = shelf_of(home)
    for attempt in (
        lambda: Runtime(home, Settings()).add("new", [], CancelToken(), lambda *_: None),
        lambda: shelf.lock("new").__enter__(),
        lambda: copy_library(shelf, "starter", "new", CancelToken(), lambda *_: None),
    ):
        with pytest.raises((PolicyForbids, LibraryMissing)) as caught:
            attempt()
        assert not home.libraries.exists(), caught
    with pytest.raises(PolicyForbids, match="Libraries cannot be changed"):
        shelf.must_be_writable("new")


def test_that_only_the_locked_libraries_are_asked(tmp_path):
    home = Home(tmp_path, LOCKED)
    runtime = Runtime(home, settings_of(home))
    with pytest.raises(PolicyForbids, match="starter") as caught:
        runtime.retriever(["hospital", "starter"])
    assert "hospital" in caught.value.hint
    with pytest.raises(LibraryMissing):  # allowed, though it is not there
        runtime.retriever(["hospital"])


@pytest.mark.parametrize(
    ("request_", "policy"),
    [
        (AddToLibrary("new", ("a.txt",)), Policy(imports=False)),
        (Activate("a-run"), Policy(training=False)),
        (Ask("Why?", libraries=("starter",)), LOCKED),
        (Search("aspirin", ("starter",), mode="lexical"), Policy(settings={"retrieval": {"mode": "hybrid"}})),
    ],
)
def test_that_the_assistant_worker_refuses_what_is_forbidden(tmp_path, request_, policy, monkeypatch):
    monkeypatch.setattr(Runtime, "embedder", lambda self: None)  # allowed or not, none is there
    told = list(job(Jobs(Home(tmp_path, policy)).run, request_, CancelToken()))
    assert [event.code for event in told if isinstance(event, Failed)] == ["policy_forbids"]


@pytest.mark.parametrize(
    "request_", [Resume("a-run"), Train(Recipe()), TuneEmbedder(EmbedderRecipe()), Merge("a"), Judge("a")]
)
def test_that_the_training_worker_refuses_where_nobody_may_train(tmp_path, request_):
    home = Home(tmp_path, Policy(training=False))
    told = list(job(TrainingJobs(home, Team()).run, request_, CancelToken()))
    assert [event.code for event in told] == ["policy_forbids"]
    assert list(tmp_path.iterdir()) == []


def test_that_bundles_and_keys_are_the_administrators_where_that_is_decided(tmp_path):
    bundles = bundles_of(Home(tmp_path, Policy(bundles=False, own_keys=False, file="policy.toml")))
    for attempt in (
        lambda: bundles.rollback("x"),
        lambda: bundles.remove("x"),
        lambda: bundles.keyring.add(tmp_path / "maker.pub"),
    ):
        with pytest.raises(PolicyForbids, match="on this computer"):
            attempt()
    (tmp_path / "keys").mkdir()
    make_keys(tmp_path / "maker.key", tmp_path / "keys" / "maker.pub")
    assert bundles.keyring.keys() == []
    assert len(bundles_of(Home(tmp_path)).keyring.keys()) == 1
