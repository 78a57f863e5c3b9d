"""The installers for Linux, built from a program of two scripts, installed, replaced and removed again."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.packaging.loading import packaging_module

installers = packaging_module("installers")
DEBIAN = pytest.mark.skipif(
    shutil.which("dpkg-deb") is None or os.geteuid() != 0, reason="needs dpkg and to be root"
)
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="installers for Linux")
QUESTION = packaging_module("check_bundle").QUESTION
PROGRAM = '#!/bin/sh\necho "vademecum 9.8.7"\n'


@pytest.fixture
def app(tmp_path):
    """A bundle as PyInstaller lays it out, whose programs only tell their version."""
    folder = tmp_path / "dist" / "vademecum"
    for name, text in {
        "vademecum": PROGRAM,
        "vademecum-window": PROGRAM,
        "_internal/library.so": "a library",
        "content/models/tiny/model.safetensors": "weights",
        "licences/THIRD_PARTY.md": "a table",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    for name in ("vademecum", "vademecum-window"):
        (folder / name).chmod(0o755)
    (folder / "_internal" / "alias.so").symlink_to("library.so")
    return folder


@pytest.fixture
def unpacked(app, tmp_path):
    """The portable archive, unpacked where a user might."""
    archive = installers.build_archive(app, tmp_path, "9.8.7")
    with tarfile.open(archive) as members:
        members.extractall(tmp_path / "on a stick", filter="data")
    return tmp_path / "on a stick" / "vademecum-9.8.7"


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "Zoë's home & more"
    folder.mkdir()
    return folder


def sh(script, home, *arguments, reply=""):
    return subprocess.run(
        ["sh", str(script), *arguments],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        input=reply,
        capture_output=True,
        text=True,
        check=False,
    )


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_that_a_user_gets_program_menu_entry_icon_and_file_type_without_a_word(unpacked, home):
    done = sh(unpacked / "install.sh", home, "--user", "--silent")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    programs, share = home / ".local" / "lib" / "vademecum", home / ".local" / "share"
    started = subprocess.run([home / ".local" / "bin" / "vademecum"], capture_output=True, text=True)
    assert started.stdout == "vademecum 9.8.7\n"
    entry = (share / "applications" / "vademecum.desktop").read_text("utf-8")
    assert f'Exec="{programs}/vademecum-window" %f\n' in entry
    assert "MimeType=application/x-vademecum;" in entry
    assert '"*.vademecum"' in (share / "mime" / "packages" / "vademecum.xml").read_text("utf-8")
    assert (share / "icons" / "hicolor" / "scalable" / "apps" / "vademecum.svg").is_file()
    assert (programs / "_internal" / "alias.so").is_symlink()


def test_that_a_new_version_replaces_the_old_one_and_leaves_data_alone(unpacked, home):
    data = home / ".local" / "share" / "vademecum" / "history.sqlite"
    data.parent.mkdir(parents=True)
    data.write_text("mine", "utf-8")
    programs = home / ".local" / "lib" / "vademecum"
    assert sh(unpacked / "install.sh", home, "--silent", "--user").returncode == 0
    (programs / "left over from the old version").touch()
    assert sh(unpacked / "install.sh", home, "--silent", "--user").returncode == 0
    assert not (programs / "left over from the old version").exists()
    assert not list(programs.parent.glob("vademecum.*"))
    assert data.read_text("utf-8") == "mine"


def test_that_a_version_that_does_not_start_does_not_replace_one_that_does(unpacked, home):
    assert sh(unpacked / "install.sh", home, "--silent", "--user").returncode == 0
    (unpacked / "vademecum" / "vademecum").write_text("#!/bin/sh\nexit 3\n", "utf-8")
    done = sh(unpacked / "install.sh", home, "--silent", "--user")
    assert done.returncode == 1
    assert "does not start" in done.stderr
    assert subprocess.run([home / ".local/bin/vademecum"]).returncode == 0
    assert not list((home / ".local" / "lib").glob("vademecum.*"))


def test_that_a_folder_of_somebody_else_is_not_overwritten(unpacked, home):
    (home / "papers").mkdir()
    (home / "papers" / "thesis.txt").touch()
    done = sh(unpacked / "install.sh", home, "--user", "--prefix", str(home / "papers"))
    assert done.returncode == 1
    assert "was not made by this script" in done.stderr
    assert files_in(home) == ["papers/thesis.txt"]
    assert sh(unpacked / "install.sh", home, "--user", "--prefix", "papers").returncode == 1
    assert sh(unpacked / "install.sh", home, "--fly").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [((), True), (("--silent",), True), (("--keep-data",), True), (("--silent", "--delete-data"), False)],
)
def test_that_removal_leaves_nothing_but_the_data_unless_told_to(unpacked, home, arguments, kept):
    data = home / ".local" / "share" / "vademecum" / "settings.toml"
    data.parent.mkdir(parents=True)
    data.touch()
    sh(unpacked / "install.sh", home, "--user")
    done = sh(home / ".local" / "lib" / "vademecum" / "uninstall.sh", home, *arguments)
    assert done.returncode == 0
    left = [name for name in files_in(home) if "vademecum" in name]  # the others are the system's own indexes
    assert left == ([".local/share/vademecum/settings.toml"] if kept else [])
    assert (str(data.parent) in done.stdout) == (kept and "--silent" not in arguments)


@DEBIAN
@pytest.mark.parametrize(("reply", "kept"), [("\n", True), ("n\n", True), ("y\n", False)])
def test_that_somebody_at_a_terminal_is_asked_before_data_is_deleted(unpacked, home, reply, kept):
    data = home / ".local" / "share" / "vademecum" / "settings.toml"
    data.parent.mkdir(parents=True)
    data.touch()
    sh(unpacked / "install.sh", home, "--user")
    script = home / ".local" / "lib" / "vademecum" / "uninstall.sh"
    ours, theirs = os.openpty()
    with subprocess.Popen(["sh", str(script)], stdin=theirs, stdout=theirs, env={"HOME": str(home)}) as run:
        os.close(theirs)
        os.write(ours, reply.encode())
        assert run.wait(20) == 0
    assert b"Delete your libraries" in os.read(ours, 4096)
    os.close(ours)
    assert data.exists() == kept


@DEBIAN
def test_that_the_package_installs_and_leaves_nothing_of_its_own_behind(app, tmp_path):
    package = installers.build_package(app, tmp_path, "9.8.7")
    root = tmp_path / "root"
    for folder in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "home/zoe/.local/share/vademecum"):
        (root / folder).mkdir(parents=True)
    for name in ("status", "available"):
        (root / "var/lib/dpkg" / name).touch()
    dpkg(root, "--install", str(package))
    assert (root / "usr/bin/vademecum").readlink() == Path("/opt/vademecum/vademecum")
    assert (root / "opt/vademecum/vademecum").stat().st_mode & 0o777 == 0o755
    for path in (root / "opt/vademecum").rglob("*"):
        assert (path.lstat().st_uid, path.lstat().st_gid) == (0, 0)
    entry = (root / "usr/share/applications/vademecum.desktop").read_text("utf-8")
    assert 'Exec="/opt/vademecum/vademecum-window" %f\n' in entry
    assert (root / "usr/share/mime/packages/vademecum.xml").is_file()
    assert (root / "usr/share/icons/hicolor/scalable/apps/vademecum.svg").is_file()
    dpkg(root, "--purge", "vademecum")
    left = [name for name in files_in(root) if not name.startswith(("var/", "etc/"))]
    assert left == []
    assert not (root / "opt/vademecum").exists()
    assert (root / "home/zoe/.local/share/vademecum").is_dir()


@DEBIAN
def test_that_the_package_names_what_the_program_takes_from_the_system(app, tmp_path):
    package = installers.build_package(app, tmp_path, "9.8.7")
    shown = subprocess.run(["dpkg-deb", "-f", str(package)], capture_output=True, text=True, check=True)
    assert "Version: 9.8.7\n" in shown.stdout
    assert "libegl1" in shown.stdout
    assert "libc6 (>= 2.36)" in shown.stdout
    assert not (tmp_path / ".deb").exists()


def test_that_libraries_are_told_apart_that_come_along_and_that_do_not(tmp_path):
    shutil.copy(sys.executable, tmp_path / "vademecum")
    needed = installers.needs_outside(tmp_path)
    assert needed["libc.so.6"] == "vademecum"
    (tmp_path / "libc.so.6").touch()
    assert "libc.so.6" not in installers.needs_outside(tmp_path)


def dpkg(root, *arguments):
    """Run dpkg on ``root``, where nothing else is installed that a package could depend on."""
    forced = "--force-depends,script-chrootless,not-root,bad-path"
    done = subprocess.run(["dpkg", f"--root={root}", forced, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif("VADEMECUM_DIST" not in os.environ, reason="VADEMECUM_DIST names no bundle to install")
def test_that_a_real_bundle_is_installed_by_its_script_and_answers(home, tmp_path):
    archive = installers.build_archive(Path(os.environ["VADEMECUM_DIST"]), tmp_path, "9.8.7")
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(tmp_path)], check=True)
    archive.unlink()
    assert sh(tmp_path / "vademecum-9.8.7" / "install.sh", home, "--user").returncode == 0
    shutil.rmtree(tmp_path / "vademecum-9.8.7")
    asked = [str(home / ".local" / "bin" / "vademecum"), "ask", QUESTION, "--seed", "1", "--temperature", "0"]
    done = subprocess.run([*asked, "--json"], env={"HOME": str(home)}, capture_output=True, check=True)
    assert json.loads(done.stdout)["citations"]
    assert sh(home / ".local/lib/vademecum/uninstall.sh", home, "--silent", "--delete-data").returncode == 0
    assert not [name for name in files_in(home) if "vademecum" in name]
