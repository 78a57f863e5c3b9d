"""Bundles on the command line: keys, making, cutting, installing, going back, removing, restoring."""

import json

import pytest

from core.bundles.parts import is_bundle
from core.paths import Home
from core.updates.home_format import FORMATS, prepare
from desktop import cli
from tests.desktop.commands.test_cli import answered, home, vademecum  # noqa: F401


@pytest.fixture
def fresh(tmp_path):
    return Home(tmp_path / "fresh")


@pytest.fixture
def maker(answered, fresh, tmp_path):  # noqa: F811
    """A pair of keys with a password."""
    (tmp_path / "password").write_text("a long one\n")
    return answered(
        "bundle", "keygen", tmp_path / "maker", "--password-file", tmp_path / "password", data=fresh
    )


def test_that_a_model_travels_in_parts_and_back(answered, vademecum, home, fresh, maker, tmp_path):  # noqa: F811
    signed = ("--key", maker["private"], "--password-file", tmp_path / "password")
    said = ("--version", "1.0", "--licence", "MIT", "--part-size", "100kB", *signed)
    made = answered("bundle", "create", "model", "tiny-llama", tmp_path / "m.vademecum", *said)
    assert [path.rpartition(".")[2] for path in made["files"]] == ["001", "002", "parts"]
    part = tmp_path / "m.vademecum.002"

    found = answered("bundle", "inspect", part, data=fresh)["bundle"]
    assert (found["parts"], found["signature"], found["signer"]) == (2, "unknown", maker["id"])
    refused = vademecum("bundle", "install", part, data=fresh)
    assert refused.returncode == 1
    assert "not trusted here" in refused.stderr
    assert answered("bundle", "trust", maker["public"], data=fresh)["id"] == maker["id"]
    assert answered("bundle", "keys", data=fresh)["keys"] == [{"name": "maker", "id": maker["id"]}]
    assert answered("bundle", "verify", part, data=fresh)["signed_by"] == "maker"

    done = vademecum("bundle", "install", part, "--events", "--json", data=fresh)
    assert json.loads(done.stdout)["place"] == "tiny-llama"
    steps = [json.loads(line) for line in done.stderr.splitlines()]
    assert steps[-1]["step"] == "unpack"
    assert steps[-1]["done"] == steps[-1]["total"]
    assert "* model tiny-llama 1.0" in vademecum("bundle", "list", data=fresh).stdout
    assert answered("bundle", "remove", "tiny-llama", data=fresh)["removed"][0]["version"] == "1.0"
    assert answered("bundle", "list", data=fresh)["bundles"] == []
    assert answered("bundle", "untrust", "maker", data=fresh)["removed"] == "maker"


def test_that_small_bundles_stay_whole_and_a_damaged_part_is_named(answered, vademecum, fresh, tmp_path):  # noqa: F811
    source = tmp_path / "list.txt"
    source.write_text("".join(f"PMID:{n}\n" for n in range(1, 20_000)))
    said = ("--version", "1", "--licence", "CC0-1.0")
    whole = answered("bundle", "create", "retractions", source, tmp_path / "a.vademecum", *said, data=fresh)
    assert whole["files"] == [str(tmp_path / "a.vademecum")]
    cut = ("--part-size", "64KiB")
    answered("bundle", "create", "retractions", source, tmp_path / "b.vademecum", *said, *cut, data=fresh)
    part = tmp_path / "b.vademecum.002"
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    told = vademecum("bundle", "verify", tmp_path / "b.vademecum.001", data=fresh)
    assert "b.vademecum.002 is damaged" in told.stderr
    assert (
        vademecum("bundle", "install", tmp_path / "a.vademecum", "--allow-unsigned", data=fresh).returncode
        == 0
    )
    back = vademecum("bundle", "rollback", "list", data=fresh)
    assert "list has no version before 1 here" in back.stderr


@pytest.mark.parametrize(("size", "said"), [("much", "is no size"), ("10", "too small")])
def test_that_a_senseless_size_of_parts_is_told(vademecum, fresh, tmp_path, size, said):  # noqa: F811
    source = tmp_path / "list.txt"
    source.write_text("PMID:1\n")
    arguments = (
        "create",
        "retractions",
        source,
        tmp_path / "a.vademecum",
        "--version",
        "1",
        "--licence",
        "x",
    )
    done = vademecum("bundle", *arguments, "--part-size", size, data=fresh)
    assert done.returncode == 1
    assert said in done.stderr


def test_that_data_of_a_newer_program_are_refused_until_a_backup_is_restored(answered, vademecum, fresh):  # noqa: F811
    fresh.root.mkdir()
    (fresh.settings).write_text('libraries = ["heart"]\n')
    prepare(fresh)
    made = prepare(fresh, {**FORMATS, "settings": 99})
    (fresh.settings).write_text('setting_of_tomorrow = "x"\n')
    for command in (("library", "list"), ("bundle", "list")):
        done = vademecum(*command, data=fresh)
        assert done.returncode == 1
        assert "cannot read its settings" in done.stderr
        assert made.name in done.stderr
    assert answered("bundle", "backups", data=fresh)["backups"] == [made.name]
    assert answered("bundle", "restore", made.name, data=fresh)["restored"] == made.name
    assert "heart" in fresh.settings.read_text()
    assert vademecum("library", "list", data=fresh).returncode == 0


@pytest.mark.parametrize(
    ("path", "opens"),
    [
        ("/stick/Heart 2026.vademecum", True),
        ("a.VADEMECUM.001", True),
        ("a.vademecum.parts", True),
        ("a.vademecum.bak", False),
        ("list", False),
        ("a.001", False),
    ],
)
def test_that_a_double_clicked_bundle_opens_the_window(monkeypatch, path, opens):
    given = []
    monkeypatch.setattr("sys.argv", ["vademecum", path])
    monkeypatch.setattr(cli, "app", lambda: given.extend(cli.sys.argv[1:]))
    cli.main()
    assert given == (["--open", path] if opens else [path])
    assert is_bundle(path) is opens
