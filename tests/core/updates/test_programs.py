"""A new version of the program stands beside the old one, and is started only if it starts."""

import os
import subprocess

import pytest

from core.bundles.bundles import Bundles, Wish
from core.bundles.making import Label, create
from core.bundles.signing import make_keys, read_private
from core.bundles.trust import Keyring
from core.cancel import CancelToken
from core.errors import BundleRefused
from core.paths import Home
from core.policy import Policy
from core.updates.programs import current

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs here are shell scripts")


def quiet(*_):
    """Nobody watches."""


@pytest.fixture
def bundles(tmp_path):
    make_keys(tmp_path / "maker.pem", tmp_path / "maker.pub")
    home = Home(tmp_path / "home")
    keyring = Keyring(home, Policy(), False)
    keyring.add(tmp_path / "maker.pub")
    return Bundles(home, keyring)


@pytest.fixture
def update(tmp_path):
    """A bundle of a program that says which version it is, and starts nothing else."""

    def write(version, says=None, name="vademecum", files=("vademecum", "_internal/deep/er.txt"), key=True):
        script = tmp_path / "script"
        script.write_text(
            f'#!/bin/sh\necho "vademecum {says or version}"\n[ "$1" = fail ] && exit 3\nexit 0\n'
        )
        target = tmp_path / f"{version}-{says}-{key}.vademecum"
        private = read_private(tmp_path / "maker.pem") if key else None
        label = Label("app", name, version, "Apache-2.0")
        create(target, label, [(f, script) for f in files], private, None, CancelToken(), quiet)
        return target

    return write


def install(bundles, path, to, **wish):
    return bundles.install(path, Wish(programs=to, **wish), CancelToken(), quiet)


def said_by(path, *arguments):
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip(), done.returncode


def test_that_a_new_version_is_started_from_the_same_place_and_the_old_one_again(bundles, update, tmp_path):
    to = tmp_path / "Program Files é"
    first = install(bundles, update("0.2.0"), to)
    assert str(to / "vademecum") in first.note
    assert said_by(to / "vademecum") == ("vademecum 0.2.0", 0)
    install(bundles, update("0.10.0"), to)
    assert said_by(to / "vademecum", "fail") == ("vademecum 0.10.0", 3)
    assert sorted(path.name for path in (to / "versions").iterdir()) == ["0.10.0", "0.2.0"]
    (tmp_path / "link").symlink_to(to / "vademecum")
    assert said_by(tmp_path / "link") == ("vademecum 0.10.0", 0)

    with pytest.raises(BundleRefused, match=r"vademecum 0\.3 is older than 0\.10\.0, which is in use"):
        install(bundles, update("0.3"), to)
    bundles.rollback("vademecum")
    assert said_by(to / "vademecum") == ("vademecum 0.2.0", 0)
    bundles.remove("vademecum", "0.10.0")
    bundles.remove("vademecum")
    assert current(to) == ""
    assert [path.name for path in to.rglob("*") if path.is_file()] == []


def test_that_the_next_update_goes_where_the_last_one_went(bundles, update, tmp_path):
    install(bundles, update("0.2.0"), tmp_path / "there")
    install(bundles, update("0.3.0"), None)
    assert current(tmp_path / "there") == "0.3.0"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"version": "0.0.9"}, "is older than .*, which is running"),
        ({"version": "0.2.0", "says": "0.1.9"}, "does not start here: vademecum 0.1.9"),
        ({"version": "0.2.0", "name": "other"}, "holds the program other, not Vademecum"),
        ({"version": "0.2.0", "files": ("vademecum.dmg",)}, "no program for this system"),
        ({"version": "0.2.0", "key": False}, "is not signed, and it holds a program"),
    ],
)
def test_that_what_is_no_newer_working_signed_vademecum_is_refused(bundles, update, tmp_path, given, words):
    install(bundles, update("0.1.5"), tmp_path / "to")
    with pytest.raises(BundleRefused, match=words):
        install(bundles, update(**given), tmp_path / "to", unsigned=True)
    assert current(tmp_path / "to") == "0.1.5"
    assert [each.version for each in bundles.installed()] == ["0.1.5"]
