"""What every test has in common: no network, a data folder of its own, and reasons for what is skipped."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from core.assets.install import listing
from core.offline import ENVIRONMENT
from core.paths import Home
from tests.fakes.tiny_models import make_tiny_embedder, make_tiny_llama

ROOT = Path(__file__).parents[1]
ENVIRONMENT_OF_TESTS = {
    **ENVIRONMENT,
    # Tiny models gain nothing from threads, and two threads waiting for each other on a busy core lose a lot.
    "OMP_NUM_THREADS": "1",
}
for (
    name,
    value,
) in ENVIRONMENT_OF_TESTS.items():  # before anything imports transformers, and for every worker started
    os.environ.setdefault(name, value)


def home_of_models() -> Home:
    """Return where ``make test`` installs the default models."""
    return Home(Path(os.environ.get("VADEMECUM_TEST_HOME") or ROOT / ".venv" / "test-home").absolute())


def shared_folder() -> Path:
    """Return the project's shared data, which lies beside the checkout or where VADEMECUM_SHARED says."""
    return Path(os.environ.get("VADEMECUM_SHARED") or ROOT.parent / "shared")


def let_others_look_into(folder: Path) -> None:
    """Open ``folder`` of a test to other users of this computer; pytest keeps it to its own user."""
    temporary = Path(tempfile.gettempdir()).resolve()
    for opened in (folder, *folder.parents):
        if temporary in opened.parents:
            opened.chmod(opened.stat().st_mode | 0o055)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine lacks the data for, and say what is lacking."""
    lacking = {}
    if missing := [status.asset.name for status in listing(home_of_models()) if status.state != "installed"]:
        reason = f"{', '.join(missing)} not installed in {home_of_models().root}: run `make test`"
        lacking["models"] = pytest.mark.skip(reason=reason)
    if not (shared_folder() / "data").is_dir():
        lacking["shared"] = pytest.mark.skip(reason=f"there is no {shared_folder() / 'data'}")
    for item in items:
        for name, skip in lacking.items():
            if item.get_closest_marker(name):
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own data out of every test, and of every process that a test starts."""
    folder = tmp_path / "vademecum"
    monkeypatch.setenv("VADEMECUM_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def models_home() -> Home:
    """Return a home with the default models, to be read only; for tests marked ``models``."""
    return home_of_models()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder ``shared/data``; for tests marked ``shared``."""
    return shared_folder() / "data"


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny random Llama, to be read only."""
    return make_tiny_llama(tmp_path_factory.mktemp("models") / "tiny-llama")


@pytest.fixture(scope="session")
def tiny_embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny embedder, to be read only."""
    return make_tiny_embedder(tmp_path_factory.mktemp("models") / "tiny-embedder")
