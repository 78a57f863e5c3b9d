"""``packaging/develop.py``: each step once, interrupted ones again, one sentence for what is lacking."""

import importlib.util
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "develop.py"
# Stands in for the program: the data it would install, and a note of each call.
PROGRAM = """
import os, pathlib, sys
(pathlib.Path(os.environ["VADEMECUM_HOME"]) / "models").mkdir(parents=True, exist_ok=True)
with pathlib.Path("calls").open("a") as file: print(*sys.argv[1:], file=file)
"""
PATHS = """
import os, pathlib, types
def default_home(): return types.SimpleNamespace(root=pathlib.Path(os.environ["VADEMECUM_HOME"]).resolve())
"""


@pytest.fixture
def develop():
    spec = importlib.util.spec_from_file_location("develop", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path):
    """A checkout of a program without dependencies, whose .venv is made but not filled."""
    root = tmp_path / "checkout with a space"
    for name, text in {
        "packaging/develop.py": SCRIPT.read_text("utf-8"),
        "requirements.lock": "",
        "pyproject.toml": "[project]\nname = 'nothing'\nversion = '1'\n[tool.setuptools]\npackages = []\n",
        "core/paths.py": PATHS,
        "desktop/cli.py": PROGRAM,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def develop_in(checkout, *arguments, **variables):
    lacking = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in lacking}
    environment |= {"VADEMECUM_HOME": str(checkout / "home"), **variables}
    return subprocess.run(
        [sys.executable, str(checkout / "packaging" / "develop.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def filled(checkout, develop):
    """Make the .venv and its stamp as a finished installation leaves them, without the network."""
    venv.create(checkout / ".venv", with_pip=False, symlinks=os.name != "nt")
    develop.ROOT = checkout
    files = (
        checkout / "requirements.lock",
        checkout / "pyproject.toml",
        checkout / "packaging" / "develop.py",
    )
    (checkout / ".venv" / ".stamp").write_text(develop.digest(*files), "utf-8")


def calls(checkout):
    file = checkout / "calls"
    return file.read_text("utf-8").splitlines() if file.exists() else []


def test_that_an_old_python_is_told_so_in_one_sentence(develop):
    with pytest.raises(develop.Stop, match=r"needs Python 3\.11 or newer, this is 3\.9\.2"):
        develop.check_python((3, 9, 2, "final", 0))
    develop.check_python(sys.version_info)


def test_that_an_unknown_action_is_answered_with_the_known_ones(checkout):
    done = develop_in(checkout, "fly")
    assert done.returncode == 2
    assert "run, test, check" in done.stderr


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display here")
def test_that_run_without_a_display_sets_up_first_and_then_names_the_other_way(checkout, develop):
    filled(checkout, develop)
    done = develop_in(checkout, "run")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        'There is no display to open a window on; ask here instead: make ask Q="your question"'
    )
    assert calls(checkout) == ["setup"]


def test_that_a_second_run_goes_straight_through(checkout, develop):
    filled(checkout, develop)
    assert develop_in(checkout, "run", QT_QPA_PLATFORM="offscreen").returncode == 0
    started = time.perf_counter()
    done = develop_in(checkout, "setup")
    assert time.perf_counter() - started < 0.5  # 0.1 s; the rest is for busy machines
    assert done.stderr == ""
    assert develop_in(checkout, "run", QT_QPA_PLATFORM="offscreen").returncode == 0
    assert calls(checkout) == ["setup", "", ""]


def test_that_data_that_was_removed_or_lies_elsewhere_is_installed_again(checkout, develop):
    filled(checkout, develop)
    develop_in(checkout, "setup")
    (checkout / "home" / "models").rmdir()
    develop_in(checkout, "setup")
    develop_in(checkout, "setup", VADEMECUM_HOME=str(checkout / "other"))
    assert calls(checkout) == ["setup"] * 3


def test_that_a_set_up_that_failed_is_not_taken_for_done(checkout, develop):
    filled(checkout, develop)
    (checkout / "desktop" / "cli.py").write_text("raise SystemExit(1)", "utf-8")
    done = develop_in(checkout, "setup")
    assert done.returncode == 1
    assert "not finished" in done.stderr
    (checkout / "desktop" / "cli.py").write_text(PROGRAM, "utf-8")
    assert develop_in(checkout, "setup").returncode == 0
    assert calls(checkout) == ["setup"]


def test_that_a_question_keeps_its_quotes_and_an_empty_one_is_asked_for(checkout, develop):
    filled(checkout, develop)
    develop_in(checkout, "ask", Q="Is \"37 °C\" a 'fever' & $HOME?")
    assert calls(checkout)[-1] == "ask Is \"37 °C\" a 'fever' & $HOME?"
    done = develop_in(checkout, "ask", Q=" ")
    assert done.returncode == 1
    assert "make ask Q=" in done.stderr


def test_that_the_starter_library_is_built_after_the_models_and_apart_from_the_user_s_data(checkout, develop):
    filled(checkout, develop)
    (checkout / "packaging" / "starter.py").write_text(PROGRAM, "utf-8")
    assert develop_in(checkout, "starter").returncode == 0
    assert calls(checkout) == ["assets install", ""]
    assert not (checkout / "home").exists()
    (checkout / "desktop" / "cli.py").write_text("raise SystemExit(1)", "utf-8")
    done = develop_in(checkout, "starter")
    assert (done.returncode, calls(checkout)[2:]) == (1, [])
    assert "models are not there yet" in done.stderr


@pytest.mark.slow
def test_that_a_broken_environment_is_made_anew_and_a_changed_lock_installed(checkout):
    program = checkout / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text("not a program", "utf-8")
    (checkout / "pyproject.toml").write_text("broken [", "utf-8")
    first = develop_in(checkout, "setup")
    assert first.returncode == 1
    assert "could not be installed" in first.stderr
    assert not (checkout / ".venv" / ".stamp").exists()
    (checkout / "requirements.lock").write_text("not-on-any-index==9\n", "utf-8")
    second = develop_in(checkout, "setup", PIP_NO_INDEX="1")
    assert "Making .venv" not in second.stderr
    assert "could not be fetched" in second.stderr


@pytest.mark.parametrize(
    ("errors", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: command 'x86_64-linux-gnu-g++' failed: No such file or directory", "C++ compiler"),
        ("error: Microsoft Visual C++ 14.0 or greater is required", "C++ compiler"),
        ("Temporary failure in name resolution", "network"),
        ("something else", "pip's message"),
    ],
)
def test_that_a_failure_of_pip_is_explained_in_one_sentence(develop, errors, advice):
    sentence = develop.explanation(errors)
    assert advice in sentence
    assert "\n" not in sentence


def test_that_tests_keep_away_from_the_users_data_and_from_the_screen(develop):
    made = develop.test_environment({"VADEMECUM_HOME": "/home/me/data", "DISPLAY": ":0"})
    assert made["VADEMECUM_HOME"] == made["VADEMECUM_TEST_HOME"] != "/home/me/data"
    assert made["QT_QPA_PLATFORM"] == "offscreen"
    assert develop.test_environment({"QT_QPA_PLATFORM": "xcb"})["QT_QPA_PLATFORM"] == "xcb"
