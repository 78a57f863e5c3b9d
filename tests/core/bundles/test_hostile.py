"""Every hostile bundle is refused with its own sentence, leaves nothing, and touches nothing in use."""

from pathlib import Path

import pytest

from core.errors import AppError
from tests.core.bundles.hostile import CASES, attempt, prepared, table

_DOCUMENT = Path(__file__).parents[3] / "docs" / "HOSTILE_BUNDLES.md"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def bundles(root):
    return prepared(root)


def everything(root):
    """All files of the home but locks, and what lies beside it."""
    found = [path for path in (root / "home").rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {path: path.read_bytes() for path in found}, sorted(path.name for path in root.iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_that_a_hostile_bundle_is_refused_and_leaves_nothing(case, bundles, root):
    (root / case.name).mkdir()
    before = everything(root)
    with pytest.raises(AppError) as refused:
        attempt(bundles, root / case.name, case.build, case.name == "unsigned program")
    assert case.refusal in str(refused.value)
    assert refused.value.hint
    assert everything(root) == before


def test_that_there_are_enough_of_them_and_their_names_differ():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


def test_that_the_document_has_what_happens_today():
    assert _DOCUMENT.read_text("utf-8") == table()
