"""What the tests of training have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.tuning.recipe import Recipe
from tests.fakes.tiny_models import make_tiny_llama
from tests.training.trials import tiny_recipe


@pytest.fixture
def recipe(tiny_llama: Path) -> Recipe:
    return tiny_recipe(tiny_llama)


@pytest.fixture(scope="session")
def wide_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wide enough for a block of 4-bit weights, which are 64 numbers."""
    return make_tiny_llama(tmp_path_factory.mktemp("models") / "wide-llama", width=64)
