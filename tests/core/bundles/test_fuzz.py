"""Whatever a well signed bundle holds, it is installed whole or refused in one sentence: never a crash."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.bundles.bundles import Bundles, Wish
from core.bundles.gathering import make_bundle
from core.bundles.making import Label
from core.bundles.manifest import decode
from core.bundles.parts import list_of
from core.bundles.trust import Keyring
from core.cancel import CancelToken
from core.errors import AppError, BundleRefused
from core.library.shelf import Shelf
from core.paths import Home
from core.policy import Policy
from tests.core.bundles.conftest import quiet
from tests.core.bundles.hostile_kit import Raw, public_key
from tests.fakes.tiny_home import make_tiny_home

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = tuple(json.loads(Raw().encoded_manifest()))
_PLACE = st.floats(0, 1, exclude_max=True)  # of the length of a file
_CHANGE = st.tuples(_PLACE, st.integers(0, 255))
_SLOW = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)


@pytest.fixture(scope="module")
def content(tmp_path_factory, tiny_llama, tiny_embedder):
    """The files of a bundle of a small library."""
    import tarfile

    folder = tmp_path_factory.mktemp("fuzz")
    home = make_tiny_home(folder / "home", tiny_llama, tiny_embedder)
    target = folder / "starter.vademecum"
    label = Label("library", "", "1", "", (), "", "")
    make_bundle(home, "starter", target, label, None, None, CancelToken(), quiet)
    with tarfile.open(target) as archive:
        archive.extractall(folder / "out", filter="data")
    inside = folder / "out" / "content"
    return {
        path.relative_to(inside).as_posix(): path.read_bytes() for path in inside.rglob("*") if path.is_file()
    }


def install(made, home):
    path = home.root.parent / "a.vademecum"
    path.write_bytes(made)
    public_key(home.root / "keys" / "maker.pub")
    bundles = Bundles(home, Keyring(home, Policy(), False))
    return bundles.install(path, Wish(), CancelToken(), quiet)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON))
def test_that_any_manifest_is_read_or_refused(changes):
    encoded = json.loads(Raw().encoded_manifest()) | changes
    try:
        manifest = decode(json.dumps(encoded).encode("utf-8", "surrogatepass"))
    except BundleRefused:
        return
    assert (manifest.kind, manifest.format) == (encoded["kind"], 1)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_that_no_accepted_path_leaves_its_folder_or_meets_another(paths):
    entries = [{"path": path, "size": 0, "sha256": hashlib.sha256(b"").hexdigest()} for path in paths]
    try:
        manifest = decode(Raw(entries=entries).encoded_manifest())
    except BundleRefused:
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for file in manifest.files:
            target = root / file.path
            assert target.resolve().is_relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch(exist_ok=False)


@settings(max_examples=25, deadline=None, suppress_health_check=_SLOW)
@given(st.sampled_from(["library.json", "documents.sqlite"]), st.lists(_CHANGE, min_size=1, max_size=8))
@example("documents.sqlite", [(0.046875, 128)])  # SQLite says what is wrong in words that are no UTF-8
def test_that_a_spoilt_library_is_refused_or_sound(content, name, changes):
    changed = bytearray(content[name])
    for place, byte in changes:
        changed[int(place * len(changed))] = byte
    spoilt = {**content, name: bytes(changed)}
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder, "home"))
        try:
            install(Raw(files=spoilt, changes={"kind": "library"}).encoded(), home)
        except AppError:
            assert Shelf(home.libraries).names() == []
        else:
            assert Shelf(home.libraries).verify("evil") == []


@settings(max_examples=50, deadline=None, suppress_health_check=_SLOW)
@given(
    st.sampled_from(["config.json", "model.safetensors", "tokenizer_config.json"]),
    _PLACE,
    st.binary(max_size=30),
)
def test_that_a_spoilt_model_is_refused_or_readable(tiny_llama, name, place, more):
    files = {path.name: path.read_bytes() for path in tiny_llama.iterdir() if path.is_file()}
    cut = int(place * len(files[name]))
    files[name] = files[name][:cut] + more + files[name][cut + 10 :]
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder, "home"))
        try:
            install(Raw(files=files).encoded(), home)
        except AppError:
            assert not (home.models / "evil").exists()


@settings(max_examples=100, deadline=None, suppress_health_check=_SLOW)
@given(st.binary(max_size=300) | _JSON.map(lambda body: json.dumps({"parts": body}).encode()))
def test_that_any_list_of_parts_is_read_or_refused(tmp_path, listed):
    path = tmp_path / "a.vademecum.parts"
    path.write_bytes(listed)
    try:
        assert list_of(path) == ()
    except BundleRefused:
        return


@settings(max_examples=100, deadline=None, suppress_health_check=_SLOW)
@given(st.binary(max_size=300) | _JSON.map(lambda body: json.dumps(body).encode()))
def test_that_any_register_is_read_or_told(tmp_path, written):
    home = Home(tmp_path / "home")
    shutil.rmtree(home.root, ignore_errors=True)
    home.root.mkdir()
    (home.root / "bundles.json").write_bytes(written)
    bundles = Bundles(home, Keyring(home, Policy(), False))
    try:
        assert bundles.installed() == []
    except BundleRefused:
        return
