"""The models that can be chosen, by where they lie, with the one that is in use."""

import json
from pathlib import Path

import pytest

from core.paths import Home
from core.policy import Policy
from core.registry import serves
from core.settings import RULES_ALONE, Settings, read_settings
from desktop.settings.settings_file import SettingsFile
from desktop.settings.settings_page import SettingsPage

OURS = Settings().model.language


def model(models: Path, name: str, architecture: str = "LlamaForCausalLM", *files: str) -> None:
    (models / name).mkdir(parents=True)
    (models / name / "config.json").write_text(json.dumps({"architectures": [architecture]}))
    for file in files:
        (models / name / file).write_text("[]")


@pytest.fixture
def home(tmp_path, monkeypatch):
    share, came = tmp_path / "share", tmp_path / "program" / "content"
    monkeypatch.setattr("core.paths.shipped", lambda: came)
    monkeypatch.setattr("desktop.settings.model_choice.shipped", lambda: came)
    made = Home(tmp_path / "home", Policy(content=(str(share),)))
    model(made.models, "mine")
    model(share / "models", "ward")
    model(share / "models", "mine")  # theirs counts
    model(came / "models", OURS)
    model(came / "models", Settings().model.embedder, "BertModel", "modules.json")
    return made


@pytest.fixture
def page(qtbot, home):
    made = SettingsPage(SettingsFile(home.settings, policy=home.policy), home)
    qtbot.addWidget(made)
    return made


def lines(box):
    return [(box.itemText(row), box.model().item(row).isEnabled()) for row in range(box.count())]


def choose(box, value):
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_that_models_are_listed_by_where_they_lie_and_none_twice(page, home):
    share = home.policy.content[0]
    assert lines(page.editors["model", "language"]) == [
        ("Your own", False),
        ("mine", True),
        (f"Shared, in {share}", False),
        ("ward", True),
        ("Came with Vademecum", False),
        (OURS, True),
        ("Choose a folder…", True),
    ]
    words = [text for text, _ in lines(page.editors["model", "embedder"])]
    assert words == ["Came with Vademecum", Settings().model.embedder, "Choose a folder…"]


def test_that_each_of_them_can_be_chosen_and_it_is_said_where_it_lies(page, home):
    choice = page._models["model", "language"]
    assert (choice.box.currentText(), choice.where.text()) == (OURS, "In use. It came with Vademecum.")
    for name, where in (("ward", home.policy.content[0]), ("mine", "your own folder")):
        choose(choice.box, name)
        assert read_settings(home.settings).model.language == name
        assert choice.box.currentText() == name
        assert where in choice.where.text()


def test_that_a_model_that_is_gone_is_said_to_be(page, home):
    choice = page._models["model", "language"]
    page._change(("model", "language"), "away")
    assert (choice.box.currentText(), choice.where.text()) == ("away", "There is no such folder")
    folder = home.root / "disk"
    model(folder, "other")
    page._change(("model", "language"), str(folder / "other"))
    assert (choice.box.currentText(), choice.where.text()) == ("other", f"In use, from {folder}")


def test_that_the_check_of_citations_is_named_as_what_it_is(page, home):
    choice = page._models["model", "verifier"]
    assert (choice.box.currentText(), choice.where.text()) == (
        "Vademecum's own",
        "In use. It came with Vademecum.",
    )
    choose(choice.box, RULES_ALONE)
    assert read_settings(home.settings).model.verifier == RULES_ALONE
    assert (choice.box.currentText(), choice.where.isHidden()) == ("Rules alone", True)


@pytest.mark.parametrize(
    ("config", "uses"),
    [
        ('{"architectures": ["LlamaForCausalLM"]}', {"language"}),
        ('{"architectures": ["BertModel"]}', {"embedder"}),
        ('{"architectures": ["BertForSequenceClassification"]}', {"reranker", "verifier"}),
        ('{"architectures": ["BertForTokenClassification"]}', {"verifier"}),
        ('{"architectures": {"0": 1}}', {"language", "embedder", "reranker", "verifier"}),
        ("{", {"language", "embedder", "reranker", "verifier"}),
        (None, set()),
    ],
)
def test_that_a_folder_is_offered_for_what_it_can_do(tmp_path, config, uses):
    if config:
        (tmp_path / "config.json").write_text(config)
    assert {use for use in ("language", "embedder", "reranker", "verifier") if serves(tmp_path, use)} == uses
