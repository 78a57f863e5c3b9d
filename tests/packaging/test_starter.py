"""``packaging/starter.py``: the library that installers bring along."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from core import starter
from core.cancel import CancelToken
from core.errors import ModelUnusable
from core.library.shelf import Shelf
from core.paths import Home
from core.registry import find_model
from core.retrieval.encoding import fingerprint_of
from core.runtime import Runtime
from core.settings import Settings

SCRIPT = Path(__file__).parents[2] / "packaging" / "starter.py"


@pytest.fixture(scope="module")
def build_starter():
    spec = importlib.util.spec_from_file_location("make_starter", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build_starter


@pytest.fixture(scope="module")
def models(tiny_embedder, tmp_path_factory):
    """A home that has a tiny embedder under the name of the default one, and nothing else."""
    home = Home(tmp_path_factory.mktemp("models"))
    shutil.copytree(tiny_embedder, home.model(Settings().model.embedder))
    return home


@pytest.fixture(scope="module")
def built(build_starter, models, tmp_path_factory):
    """A home whose starter library was built for an installer."""
    home = Home(tmp_path_factory.mktemp("content"))
    build_starter(models, home.libraries / starter.NAME)
    return home


def test_that_the_library_is_whole_of_this_edition_and_made_with_the_default_embedder(built, models):
    shelf = Shelf(built.libraries)
    info, cards = shelf.info(starter.NAME), starter._cards().read_text("utf-8").splitlines()
    assert (shelf.names(), shelf.verify(starter.NAME), info.documents) == ([starter.NAME], [], len(cards))
    assert info.embedder == fingerprint_of(find_model(models, Settings().model.embedder, "embedder"))
    assert starter.is_ready(built)


def test_that_a_copy_of_it_elsewhere_is_searched_at_once(built, models, tmp_path):
    home = Home(tmp_path / "home")
    shutil.copytree(built.libraries, home.libraries)
    shutil.copytree(models.models, home.models)
    library = Runtime(home, Settings()).retriever([starter.NAME])
    question = "Did curtains with insecticide protect against leishmaniasis in Venezuela?"
    assert library.search(question, Settings().retrieval, 1)[0].document.pmid == "12376442"
    assert {path.name for path in (built.libraries / starter.NAME).iterdir()} == {
        "active",
        "edition",
        "versions",
    }


def test_that_building_again_replaces_what_is_there_and_leaves_nothing_else(build_starter, models, tmp_path):
    out = tmp_path / "libraries" / starter.NAME
    (out / "versions" / "old").mkdir(parents=True)
    build_starter(models, out)
    assert list(out.parent.iterdir()) == [out]
    assert len(list((out / "versions").iterdir())) == 1


def test_that_without_the_default_embedder_nothing_is_touched(build_starter, tmp_path):
    out = tmp_path / "libraries" / starter.NAME
    out.mkdir(parents=True)
    (out / "active").write_text("kept")
    with pytest.raises(ModelUnusable):
        build_starter(Home(tmp_path / "empty"), out)
    assert (out / "active").read_text() == "kept"


def test_that_an_earlier_edition_is_not_ready_and_setting_up_again_makes_it_so(built, models, tmp_path):
    home = Home(tmp_path / "home")
    shutil.copytree(built.libraries, home.libraries)
    shutil.copytree(models.models, home.models)
    (home.libraries / starter.NAME / "edition").write_text("an earlier one")
    assert not starter.is_ready(home)
    before = Shelf(home.libraries).info(starter.NAME).version
    starter.build(home, Settings(), CancelToken(), lambda *step: None)
    assert starter.is_ready(home)
    assert Shelf(home.libraries).info(starter.NAME).version == before  # no card has changed
