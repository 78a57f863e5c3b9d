"""What comes with an installed program: models in place, libraries as a copy at the first start."""

import shutil
import sys

import pytest

from core.assets.catalogue import read_catalogue
from core.errors import StorageFull
from core.first_start import bring_libraries
from core.library.shelf import Shelf
from core.paths import Home
from core.registry import find_model, installed
from core.settings import ModelSettings, Settings, write_settings
from tests.fakes.tiny_home import make_tiny_home


@pytest.fixture(scope="module")
def given(tmp_path_factory, tiny_llama, tiny_embedder):
    """An installed program with tiny models and a library, where a user cannot write."""
    program = tmp_path_factory.mktemp("opt") / "Vademecum ä"
    home = make_tiny_home(program / "made", tiny_llama, tiny_embedder)
    content = program / "content"
    content.mkdir()
    home.models.rename(content / "models")
    home.libraries.rename(content / "libraries")
    shutil.rmtree(content / "libraries" / ".locks")
    for path in (content / "libraries").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return program


@pytest.fixture
def program(given, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(given / "vademecum"))
    return given


@pytest.fixture
def home(tmp_path):
    """An empty one, but for settings that name the tiny models."""
    home = Home(tmp_path / "home")
    model = ModelSettings(language="tiny-llama", embedder="tiny-embedder")
    write_settings(home.settings, Settings(model=model))
    return home


def test_that_models_are_used_where_they_came(program, home):
    assert find_model(home, "tiny-llama", "language") == program / "content" / "models" / "tiny-llama"
    assert [model.name for model in installed(home)] == ["tiny-embedder", "tiny-llama"]


def test_that_the_users_own_model_of_that_name_comes_first(program, home, tiny_llama):
    shutil.copytree(tiny_llama, home.models / "tiny-llama")
    assert find_model(home, "tiny-llama", "language") == (home.models / "tiny-llama").resolve()
    assert [model.path.parent for model in installed(home) if model.name == "tiny-llama"] == [home.models]


def test_that_a_new_user_gets_the_library_and_can_change_it(program, home):
    bring_libraries(home)
    shelf = Shelf(home.libraries)
    assert shelf.names() == ["starter"]
    assert shelf.verify("starter") == []
    shelf.remove("starter")
    bring_libraries(home)
    assert shelf.names() == []  # it was removed, so it does not come back
    assert sorted(path.name for path in home.root.iterdir()) == ["libraries", "settings.toml"]


def test_that_a_library_of_another_search_model_is_not_brought(program, home, tiny_llama, tmp_path):
    write_settings(home.settings, Settings())  # whose embedder is not there
    bring_libraries(home)
    assert not home.libraries.exists()


def test_that_a_full_disk_leaves_nothing_half_copied(program, home, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(StorageFull):
        bring_libraries(home)
    assert [path.name for path in home.root.iterdir()] == ["settings.toml"]


def test_that_nothing_is_brought_from_source(home):
    bring_libraries(home)
    assert not home.libraries.exists()


def test_that_the_default_models_name_the_base_of_the_adapter():
    """The bundle leaves the base out, which must not look like something missing."""
    assert {asset.base for asset in read_catalogue() if hasattr(asset, "base")} == {"smollm2-135m-instruct"}
