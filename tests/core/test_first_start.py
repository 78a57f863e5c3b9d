"""What came with an installed program is used at the first start, if the models that are there can."""

import shutil
import sys

import pytest

from core.first_start import bring_libraries
from core.library.shelf import Shelf
from core.paths import Home
from core.runtime import Runtime
from core.settings import ModelSettings, Settings, write_settings
from tests.fakes.tiny_home import QUESTION, make_tiny_home, tiny_settings
from tests.fakes.tiny_models import make_tiny_embedder


@pytest.fixture(scope="module")
def content(tiny_llama, tiny_embedder, tmp_path_factory):
    """A folder with models and the library "starter", as an installation has beside its programs."""
    return make_tiny_home(tmp_path_factory.mktemp("made") / "content", tiny_llama, tiny_embedder).root


@pytest.fixture
def installed(content, monkeypatch, tmp_path):
    """The folder of an installed program that brought ``content`` along."""
    program = tmp_path / "program"
    shutil.copytree(content, program / "content", ignore=shutil.ignore_patterns("*.lock", "settings.toml"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program / "vademecum"))
    return program


@pytest.fixture
def home(tmp_path):
    """A user who has chosen the tiny models and has not started the program yet."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    write_settings(home.settings, tiny_settings())
    return home


def test_that_the_library_that_came_along_is_there_at_once_and_can_be_searched(installed, home):
    bring_libraries(home)
    assert Shelf(home.libraries).verify("starter") == []
    found = Runtime(home, tiny_settings()).retriever(["starter"])
    assert found.search(QUESTION, tiny_settings().retrieval, 1)[0].document.pmid == "101"
    assert [path.name for path in home.root.iterdir() if path.name.startswith(".")] == []


def test_that_one_made_with_another_search_model_is_left_to_the_set_up(installed, home):
    make_tiny_embedder(home.models / "tiny-embedder", dim=32)  # the user's own goes before what came along
    bring_libraries(home)
    assert not home.libraries.exists()
    shutil.rmtree(home.models)
    bring_libraries(home)
    assert Shelf(home.libraries).names() == ["starter"]


def test_that_nothing_is_brought_without_the_search_model_or_readable_settings(installed, home):
    write_settings(home.settings, Settings(model=ModelSettings(embedder="none-such")))
    bring_libraries(home)
    assert not home.libraries.exists()
    home.settings.write_text("not settings")
    bring_libraries(home)
    assert not home.libraries.exists()


def test_that_a_library_that_was_removed_does_not_come_back(installed, home):
    bring_libraries(home)
    Shelf(home.libraries).remove("starter")
    bring_libraries(home)
    assert Shelf(home.libraries).names() == []


def test_that_a_damaged_library_is_not_brought(installed, home):
    (manifest,) = (installed / "content" / "libraries").rglob("manifest.json")
    manifest.write_text("{")
    bring_libraries(home)
    assert not home.libraries.exists()


def test_that_a_program_run_from_its_source_brings_nothing(home):
    bring_libraries(home)
    assert not home.libraries.exists()
