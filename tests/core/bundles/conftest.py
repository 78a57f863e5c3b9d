"""A small bundle to open, copy and spoil."""

from pathlib import Path

import pytest

from core.bundles.making import Label, create
from core.bundles.signing import TrustedKey, make_keys, read_private, trusted_keys
from core.cancel import CancelToken

CONTENT = {"config.json": b'{"a": 1}', "deep/weights.safetensors": b"w" * 3_000_000, "empty.txt": b""}


def quiet(*progress: object) -> None:
    """Nobody watches."""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``maker.pem`` and ``maker.pub``."""
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder / "maker.pem", folder / "maker.pub")
    return folder


@pytest.fixture(scope="session")
def trusted(keys: Path) -> list[TrustedKey]:
    return trusted_keys([keys])


@pytest.fixture
def make(tmp_path, keys):
    """Write a bundle of some content; return its path."""

    def write(
        content=CONTENT, kind="model", name="tiny", version="1", key=True, largest=None, file="a.vademecum"
    ):
        files = []
        for number, (path, data) in enumerate(content.items()):
            source = tmp_path / "sources" / str(number)
            source.parent.mkdir(exist_ok=True)
            source.write_bytes(data)
            files.append((path, source))
        private = read_private(keys / "maker.pem") if key else None
        target = tmp_path / file
        create(target, Label(kind, "tiny", version, "CC0-1.0"), files, private, largest, CancelToken(), quiet)
        return target

    return write
