"""The recipe in three words or in every detail, and what it will take."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import pytest
from msgspec import Meta
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from core.tuning.estimate import steps_of
from core.tuning.recipe import EmbedderRecipe, Recipe
from desktop.wizard.recipe_fields import explanations, sections_of, value_of, with_value
from desktop.wizard.recipe_form import RecipeForm
from desktop.wizard.wizard import PageId


@pytest.fixture
def form(qtbot):
    form = RecipeForm(Recipe())
    qtbot.addWidget(form)
    form.told = []
    form.changed.connect(form.told.append)
    return form


def on_recipe(hands, path):
    hands.open()
    hands.next()
    hands.add(path)
    hands.next()
    hands.next()
    assert hands.wizard.currentId() == PageId.RECIPE
    return hands.wizard.recipe


@pytest.mark.parametrize("kind", [Recipe, EmbedderRecipe])
def test_that_every_field_of_a_recipe_is_in_the_form_and_explained(kind):
    fields = [one for section in sections_of(kind).values() for one in section]
    recipe = kind()
    for one in fields:
        value_of(recipe, one.path)
    named = {one.path for one in fields}
    assert {"name", "training.seed", "lora.targets"} <= named or kind is EmbedderRecipe
    explained = [one.path for one in fields if not one.help]
    obvious = {"data.packing", "lora.rank_stabilised", "training.gradient_checkpointing"}
    rest = {one for one in explained if one.rpartition(".")[2] not in GENERAL} - obvious
    assert rest == set()


GENERAL = {
    "schedule", "accumulation", "weight_decay", "max_gradient_norm", "seed", "learning_rate", "batch",
    "epochs", "max_steps", "warmup_share", "warmup_steps", "name", "gradient_checkpointing", "validation",
}  # fmt: skip


def test_that_a_new_field_appears_by_itself():
    @dataclass(frozen=True, slots=True)
    class Inner:
        """Some choices.

        Attributes:
            depth: how deep,
                and how wide.
        """

        depth: Annotated[int, Meta(ge=2, le=9)] = 3
        way: Literal["left", "right"] = "left"

    @dataclass(frozen=True, slots=True)
    class Outer:
        inner: Inner = field(default_factory=Inner)

    Outer.__annotations__["inner"] = Inner
    Inner.__annotations__.update(depth=Annotated[int, Meta(ge=2, le=9)], way=Literal["left", "right"])
    (fields,) = sections_of(Outer).values()
    depth, way = fields
    assert (depth.path, depth.label, depth.bounds) == ("inner.depth", "Depth", "2 to 9")
    assert depth.help == "How deep, and how wide."
    assert way.choices == ("left", "right")


def test_that_names_that_share_an_explanation_have_it_both():
    found = explanations(type(Recipe().training))
    assert found["weight_decay"] == found["max_gradient_norm"]


def test_that_each_kind_of_field_has_its_editor(form):
    assert isinstance(form.rows["lora.rank"].editor, QLineEdit)
    assert isinstance(form.rows["data.packing"].editor, QCheckBox)
    assert isinstance(form.rows["base.weights"].editor, QComboBox)
    assert form.rows["base.weights"].editor.currentText() == "As it is"
    assert form.rows["training.learning_rate"].editor.text() == "0.0003"


@pytest.mark.parametrize(
    ("path", "text", "error"),
    [
        ("lora.rank", "999", "A whole number, 1 to 256."),
        ("lora.rank", "many", "A whole number, 1 to 256."),
        ("training.learning_rate", "0", "A number, above 0, up to 1."),
        ("name", "my assistant", "Letters, digits, “.”, “-” and “_”; no spaces."),
    ],
)
def test_that_what_cannot_be_taken_is_said_under_its_field_and_not_taken(form, path, text, error):
    row = form.rows[path]
    row.editor.setText(text)
    assert row.error.text() == error
    assert not form.valid
    assert form.told == []
    row.editor.setText(row._as_text(value_of(Recipe(), path)))
    assert form.valid


def test_that_what_is_typed_becomes_the_recipe(form):
    form.rows["training.learning_rate"].editor.setText("1e-4")
    form.rows["lora.targets"].editor.setText("q_proj, v_proj")
    form.rows["data.packing"].editor.setChecked(False)
    combo = form.rows["base.weights"].editor
    combo.setCurrentIndex(combo.findData("4bit"))
    last = form.told[-1]
    assert last.training.learning_rate == 1e-4
    assert last.lora.targets == ("q_proj", "v_proj")
    assert not last.data.packing
    assert last.base.weights == "4bit"


def test_that_a_repeatable_run_is_the_default_and_can_be_given_up(form):
    row = form.rows["training.repeatable"]
    assert row.editor.isChecked()
    assert "the same result every time" in row.help.text()
    row.editor.setChecked(False)
    assert form.told[-1].training.repeatable is False


def test_that_a_field_goes_back_to_its_default(form):
    row = form.rows["lora.rank"]
    assert not row.reset.isVisibleTo(form)
    row.editor.setText("300")
    assert row.reset.isVisibleTo(form)
    row.reset.click()
    assert row.editor.text() == "16"
    assert not row.reset.isVisibleTo(form)
    assert form.valid


def test_that_another_recipe_does_not_disturb_what_is_typed(form):
    row = form.rows["training.learning_rate"]
    row.editor.setText("1e-4")
    form.show_recipe(form.told[-1])
    assert row.editor.text() == "1e-4"
    form.rows["lora.rank"].editor.setText("0")
    form.show_recipe(with_value(form.told[-1], "training.seed", 7))
    assert form.rows["lora.rank"].editor.text() == "0"
    assert form.rows["training.seed"].editor.text() == "7"


def test_that_the_cards_are_presets_and_know_which_one_holds(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_recipe(hands, pairs())
    assert page.cards["standard"].button.isChecked()
    hands.click(page.cards["thorough"].button)
    assert hands.draft.recipe.training.epochs == 3
    hands.settle()
    hands.click(page.cards["standard"].button)
    assert hands.draft.recipe.data.paraphrase == 0
    page.form.rows["training.epochs"].editor.setText("2")
    assert not any(card.button.isChecked() for card in page.cards.values())


def test_that_the_estimate_follows_each_change(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_recipe(hands, pairs(count=400))
    recipe = hands.draft.recipe
    assert page.steps.text() == str(steps_of(hands.check.report.rows, recipe.training))
    memory = page.memory.text()
    page.form.rows["training.accumulation"].editor.setText("1")
    assert page.steps.text() == str(steps_of(hands.check.report.rows, hands.draft.recipe.training))
    page.form.rows["training.batch"].editor.setText("64")
    assert page.memory.text() != memory
    page.form.rows["data.max_length"].editor.setText("512")
    assert page.steps.text() == "Counting…"
    hands.settle()
    assert page.steps.text() == str(steps_of(hands.check.report.rows, hands.draft.recipe.training))


def test_that_a_recipe_with_a_wrong_field_is_not_begun(open_rebuild, pairs):
    hands = open_rebuild()
    page = on_recipe(hands, pairs())
    page.form.rows["lora.rank"].editor.setText("0")
    assert not hands.can_go_on()
    page.form.rows["lora.rank"].editor.setText("8")
    assert hands.can_go_on()
