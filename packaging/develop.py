"""Set up and run Vademecum from its source: ``python3 packaging/develop.py ACTION [ARGUMENT]...``

Actions: run, test, check, lint, types, bench, ask, setup, starter, fuzz, bundle, check-bundle,
installers. The Makefile calls it; on Windows call it yourself.
Each step leaves a stamp when it is done, so that the next run goes straight on, or on from where it stopped.
Only the standard library is used here, for nothing is installed yet.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PACKAGING = {"bundle": "bundle.py", "check-bundle": "check_bundle.py", "installers": "installers.py"}
FUZZED = ("tests/fuzz", "tests/core/bundles/test_fuzz.py")
FUZZ_SECONDS = "300"
QT_LIBRARIES = "libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 fonts-dejavu-core"
COMPILER = {
    "linux": "sudo apt-get install g++ python3-dev",
    "darwin": "xcode-select --install",
    "win32": "the Visual Studio Build Tools, with C++",
}
# What pip writes when something fails, and what to tell the user instead; the first that occurs counts.
EXPLANATIONS = (
    (("No space left", "not enough space"), "The disk is full: free about 8 GB, then start again."),
    (
        ("Visual C++", "g++' failed", "gcc' failed", "clang' failed", "cc' failed", "Unsupported compiler"),
        "hnswlib needs a C++ compiler, and there is none: install {compiler}, then start again.",
    ),
    (
        ("name resolution", "Failed to establish", "No matching distribution", "Connection", "timed out"),
        "The packages could not be fetched: check the network connection, then start again.",
    ),
)


Action = Callable[[Sequence[str]], int]


class Stop(Exception):
    """What the user has to do, in one sentence."""


def main(arguments: Sequence[str]) -> int:
    """Do the action named first; return the exit status."""
    actions: dict[str, Action] = {
        "setup": ready,
        "run": run,
        "ask": ask,
        "test": test,
        "check": check,
        "bench": bench,
    }
    actions.update({"lint": lint, "types": types, "starter": starter, "fuzz": fuzz})
    actions.update({name: packaged(script) for name, script in PACKAGING.items()})
    action, *rest = arguments or [""]
    if action not in actions:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        check_python(sys.version_info)
        return actions[action](rest)
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next run goes on from here.", file=sys.stderr)
        return 130


def check_python(version: Sequence[int | str]) -> None:
    if tuple(version[:2]) < (3, 11):
        found = ".".join(map(str, version[:3]))
        raise Stop(
            f"Vademecum needs Python 3.11 or newer, this is {found}: try `make PYTHON=python3.11 run`."
        )


def run(arguments: Sequence[str]) -> int:
    """Open the window."""
    ready([])
    if not has_display(os.environ):
        raise Stop('There is no display to open a window on; ask here instead: make ask Q="your question"')
    return python("-m", "desktop.cli", *arguments)


def ask(arguments: Sequence[str]) -> int:
    """Answer a question in the terminal; the Makefile passes it as Q, whatever characters it holds."""
    question = list(arguments) or [os.environ.get("Q", "")]
    if not question[0].strip():
        raise Stop('Say what to ask: make ask Q="Does aspirin prevent heart attacks?"')
    ready([])
    return python("-m", "desktop.cli", "ask", *question)


def test(arguments: Sequence[str]) -> int:
    """Run the tests, in a data folder of their own; see ``test_environment``."""
    environment = test_environment(os.environ)
    make_venv()
    check_qt(environment)
    set_up_data(environment)
    # one file a process and no more processes than two: each may hold a model, and start workers of its own
    return python("-m", "pytest", "-n", "2", "--dist", "loadfile", *arguments, environment=environment)


def fuzz(arguments: Sequence[str]) -> int:
    """Spoil files at random for ``FUZZ_SECONDS``, round after round, until something gives way."""
    environment = {"FUZZ_SECONDS": FUZZ_SECONDS, **test_environment(os.environ)}
    make_venv()
    end = time.monotonic() + float(environment["FUZZ_SECONDS"])
    rounds = ("-m", "pytest", "-x", "-n", "2", "--timeout", "0", "--hypothesis-seed", "random", *FUZZED)
    failed = 0
    while not failed and time.monotonic() < end:
        failed = python(*rounds, *arguments, environment=environment, stay=True)
    return failed


def check(arguments: Sequence[str]) -> int:
    return lint([]) or types([]) or test(arguments)


def lint(arguments: Sequence[str]) -> int:
    make_venv()
    return python("-m", "ruff", "check", stay=True) or python("-m", "ruff", "format", "--check", stay=True)


def types(arguments: Sequence[str]) -> int:
    make_venv()
    return python("-m", "mypy", stay=True)


def bench(arguments: Sequence[str]) -> int:
    """Run the benchmarks of tests/benchmarks on the default models of the tests."""
    environment = test_environment(os.environ)
    make_venv()
    set_up_data(environment)
    return python("-m", "tests.benchmarks", *arguments, environment=environment)


def starter(arguments: Sequence[str]) -> int:
    """Put what an installer brings along into build/content: the default models and the starter library."""
    environment = {**os.environ, "VADEMECUM_HOME": str(ROOT / "build" / "content")}
    make_venv()
    if python("-m", "desktop.cli", "assets", "install", environment=environment, stay=True):
        raise Stop("The default models are not there yet: see above, then start again.")
    return python(str(Path(__file__).with_name("starter.py")), environment=environment)


def packaged(script: str) -> Action:
    """Return what runs a script of this folder that makes or tries what users install."""

    def action(arguments: Sequence[str]) -> int:
        make_venv()
        return python(str(Path(__file__).with_name(script)), *arguments)

    return action


def ready(arguments: Sequence[str]) -> int:
    """Do what is still missing: packages, default models, starter library."""
    make_venv()
    set_up_data(dict(os.environ))
    return 0


def test_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return an environment whose data is apart from the user's, and whose windows need no display."""
    home = inherited.get("VADEMECUM_TEST_HOME") or str(VENV / "test-home")
    shown = {"QT_QPA_PLATFORM": "offscreen", **inherited}
    return {**shown, "VADEMECUM_TEST_HOME": home, "VADEMECUM_HOME": home}


def has_display(environment: Mapping[str, str]) -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_venv() -> None:
    """Make ``.venv`` hold exactly what requirements.lock says, and this checkout."""
    stamp, wanted = VENV / ".stamp", digest(LOCK, ROOT / "pyproject.toml", Path(__file__))
    if read(stamp) == wanted and venv_python().exists():
        return
    stamp.unlink(missing_ok=True)
    if not works():
        say("Making .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        if subprocess.call([sys.executable, "-m", "venv", str(VENV)]):
            raise Stop(
                "Python could not make .venv: install python3-venv (or free some disk), then start again."
            )
    say("Installing packages (a few minutes, the first time)")
    compiled = [line for line in LOCK.read_text("utf-8").splitlines() if line.startswith("hnswlib==")]
    if compiled:  # first, since it needs a compiler: a missing one shows before the long part
        pip("--no-deps", *compiled)
    pip("-r", str(LOCK))
    pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    stamp.write_text(wanted, "utf-8")  # last, so that an interrupted run is finished by the next


def works() -> bool:
    """True if ``.venv`` has a Python that starts, has pip, and is as new as this one."""
    code = "import sys, pip; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([str(venv_python()), "-c", code], capture_output=True, text=True)
    except OSError:
        return False
    return done.stdout.split() == [str(part) for part in sys.version_info[:2]]


def pip(*arguments: str) -> None:
    """Run ``pip install``, showing what it shows; explain a failure in one sentence."""
    command = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace", cwd=ROOT) as process:
        errors = []
        for line in process.stderr or ():
            errors.append(line)
            sys.stderr.write(line)
    if process.returncode:
        raise Stop(explanation("".join(errors)))


def explanation(errors: str) -> str:
    """Return what to do about the failure that pip described as ``errors``."""
    for signs, advice in EXPLANATIONS:
        if any(sign in errors for sign in signs):
            return advice.format(compiler=COMPILER.get(sys.platform, "one"))
    return "The packages could not be installed: see pip's message above."


def set_up_data(environment: Mapping[str, str]) -> None:
    """Install the default models and the starter library into the data folder of ``environment``."""
    data = ROOT / "resources"
    wanted = digest(VENV / ".stamp", data / "assets.toml", *sorted((data / "starter_library").glob("*")))
    home = environment.get("VADEMECUM_HOME", "")
    stamp = VENV / f".data-{hashlib.sha256(home.encode()).hexdigest()[:8]}"
    if (done := read(stamp).splitlines()) and done[0] == wanted and Path(done[1], "models").is_dir():
        return
    say("Installing the default models and the starter library")
    if python("-m", "desktop.cli", "setup", environment=environment, stay=True):
        raise Stop("The set-up is not finished: see above, then start again.")
    asked = [str(venv_python()), "-c", "from core.paths import default_home as home; print(home().root)"]
    where = subprocess.run(asked, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=True)
    stamp.write_text(f"{wanted}\n{where.stdout}", "utf-8")


def check_qt(environment: Mapping[str, str]) -> None:
    """Say which system packages a bare Linux lacks for windows, even invisible ones."""
    command = [str(venv_python()), "-c", "import PySide6.QtWidgets"]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True)
    if done.returncode and sys.platform.startswith("linux"):
        reason = (done.stderr.strip().splitlines() or [""])[-1]
        raise Stop(f"Qt cannot start ({reason}): sudo apt-get install -y {QT_LIBRARIES}")


def python(*arguments: str, environment: Mapping[str, str] | None = None, stay: bool = False) -> int:
    """Run ``.venv``'s Python at the root of the checkout; in place of this process unless ``stay``."""
    command, variables = [str(venv_python()), *arguments], dict(environment or os.environ)
    if not stay and os.name != "nt":  # exec on Windows returns to the shell before the program ends
        os.chdir(ROOT)
        os.execve(command[0], command, variables)
    return subprocess.call(command, cwd=ROOT, env=variables)


def digest(*files: Path) -> str:
    """Identify the content of ``files``, the place of this checkout, and this Python."""
    parts = [str(ROOT).encode(), str(sys.version_info[:2]).encode(), *(read_bytes(file) for file in files)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def read_bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def read(path: Path) -> str:
    return read_bytes(path).decode("utf-8", "replace")


def say(step: str) -> None:
    print(f"— {step} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
