"""The job behind ``vademecum train data``: read everything, train nothing, say what would be learned."""

from __future__ import annotations

from collections.abc import Iterator

from core.cancel import CancelToken
from core.paths import Home
from core.protocol import DataChecked, Event, Status
from core.registry import find_model
from core.tuning.recipe import Recipe
from training.data.prepare import preparing
from training.data.report import report
from training.loading import load_tokenizer


def check(recipe: Recipe, home: Home, cancel: CancelToken) -> Iterator[Event]:
    """Yield progress, then DataChecked. Only the tokenizer of the base is loaded; nothing is written.

    Raises:
        Cancelled: asked to stop.
        DataUnusable: a file cannot be read, or too little is left to train on.
        ModelUnusable: there is no such base, or it has no tokenizer or chat template.
    """
    yield Status("Loading the tokenizer")
    tokenizer = load_tokenizer(find_model(home, recipe.base.model, "language"))
    prepared = yield from preparing(recipe, tokenizer, home, cancel)
    yield Status("Looking for personal data")
    cancel.check()
    yield DataChecked(report(prepared, recipe, tokenizer))
