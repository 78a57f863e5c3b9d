"""Our processes are found from source and in an installed Vademecum."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from core import programs


@pytest.mark.parametrize("name", [name for name in programs.MODULES if name != "pdf"])
def test_that_every_program_is_a_module_that_can_be_started(name):
    assert programs.program(name) == (sys.executable, "-m", programs.MODULES[name])
    assert find_spec(programs.MODULES[name]) is not None


def test_that_the_command_starts():
    done = subprocess.run([*programs.program("command"), "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()[0]) == (0, "vademecum")


def test_that_workers_of_an_installed_program_are_its_console_program(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "vademecum-window"))
    console = str(tmp_path / ("vademecum.exe" if sys.platform == "win32" else "vademecum"))
    assert programs.program("assistant") == (console, "--worker", "assistant")
    assert programs.program("command") == (console,)
