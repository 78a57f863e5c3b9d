"""The recipe that a command line describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import typer

from core.decoding import UNDECODABLE
from core.errors import RecipeInvalid
from core.paths import Home
from core.settings import settings_of
from core.tuning.recipe import AnyRecipe, BaseChoice, Recipe, Source, changed, read_recipe


def recipe_for(
    home: Home, file: Path | None, data: Sequence[Path], collected: bool, changes: dict[str, Any]
) -> AnyRecipe:
    """Return the recipe in ``file``, else the default one for the model in use, with data and changes."""
    sources = tuple(Source(str(path.absolute())) for path in data)
    sources += (Source(format="collected"),) if collected else ()
    if file is None:
        made: AnyRecipe = Recipe(base=BaseChoice(model=settings_of(home).model.language))
    else:
        made = read_recipe(file)
    if not isinstance(made, Recipe):
        if changes:
            raise RecipeInvalid("Fields of this recipe cannot be set here.", f"Change {file} itself.")
        return replace(made, sources=(*made.sources, *sources))
    made = replace(made, data=replace(made.data, sources=(*made.data.sources, *sources)))
    return changed(made, changes)


def field_value(text: str) -> tuple[str, Any]:
    """Return field and value of "data.max_length=1024"; what is no number, truth value or list is a text."""
    field, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"--set {text}: write FIELD=VALUE")
    try:
        return field.strip(), msgspec.toml.decode(f"value = {value}")["value"]
    except UNDECODABLE:
        return field.strip(), value.strip()
