"""Try the installed form where it is hardest to run: ``make check-bundle``, or with ``[FOLDER]`` by hand.

As another user than its owner, with an empty home and an almost empty environment, from another folder,
under a path with spaces and letters that are not ASCII, read-only, without any network interface. Nothing may
be written but below that home. Exit status 1 if anything failed.

All of that takes Linux and the rights to make namespaces; what cannot be tried is said.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = "Größe, ærø und 名前"
NOBODY = 65534
_BEYOND = ("another user", "a read-only folder", "no network interface")
QUESTION = "Does vitamin C prevent complex regional pain syndrome after a wrist fracture?"
# $1 is the bundle, $2 an empty folder it is shown in, the rest the arguments. For root of its own namespaces.
SCRIPT = """
mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" || exit 120
place=$2; shift 2; cd / && exec %s "$place/vademecum" "$@"
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How the program is run.

    Attributes:
        command: what comes before its arguments.
        environment: all variables it has.
        home: of the user, empty at first.
        lacking: the conditions that this computer does not allow to make.
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    home: Path
    lacking: tuple[str, ...] = ()


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the bundle; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist" / "vademecum")
    parser.add_argument("--quick", action="store_true", help="ask a question, without the self-check")
    given = parser.parse_args(arguments)
    app = given.folder.resolve()
    with surroundings(app) as around:
        for condition in around.lacking:
            print(f"Not tried here: {condition}.")
        before = listing(app)
        failures = [] if given.quick else list(self_check(around))
        failures += [*asked(around), *examined(around), *left_behind(around)]
        if listing(app) != before:
            failures.append("The folder of the program was changed.")
    print("\n".join(failures) or f"{app}: all is well.")
    return 1 if failures else 0


@contextmanager
def surroundings(app: Path) -> Iterator[Surroundings]:
    """Make the hardest surroundings that this computer allows, for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="vademecum-"))
    place, home = folder / PLACE / "vademecum", folder / "home of nobody"
    for made in (place, home):
        made.mkdir(parents=True)
    variables = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C", "TMPDIR": str(home / "tmp")}
    variables["OMP_NUM_THREADS"] = "1"  # threads that wait for each other on a busy machine take minutes
    (home / "tmp").mkdir()
    try:
        if sys.platform.startswith("linux") and (prefix := _namespaces()):
            if os.geteuid() == 0:
                for path in (folder, place.parent, home, home / "tmp"):
                    os.chown(path, NOBODY, NOBODY)
                change = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups"
            else:
                change = ""
            command = (*prefix, "sh", "-c", SCRIPT % change, "sh", str(app), str(place))
            yield Surroundings(command, variables, home, () if change else ("another user",))
        else:
            shutil.copytree(app, place, dirs_exist_ok=True, symlinks=True)
            program = place / ("vademecum.exe" if os.name == "nt" else "vademecum")
            yield Surroundings((str(program),), {**os.environ, **variables}, home, _BEYOND)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _namespaces() -> tuple[str, ...]:
    """Return the command that gives a process its own mounts and no network; nothing if it is not allowed."""
    mapped = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    command = ("unshare", *mapped, "--net", "--mount")
    if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
        return command
    return ()


def run(around: Surroundings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with ``arguments`` and say how long it took."""
    started = time.monotonic()
    done = subprocess.run(
        [*around.command, *arguments],
        env=around.environment,
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        timeout=1200,
    )
    print(
        f"vademecum {arguments[0]}: status {done.returncode}, {time.monotonic() - started:.1f} s", flush=True
    )
    return done


def self_check(around: Surroundings) -> Iterator[str]:
    """Yield what the program found wrong with itself."""
    done = run(around, "--self-check")
    print(done.stdout, flush=True)
    if done.returncode:
        yield f"The self-check failed. {done.stderr[-2000:]}"


def asked(around: Surroundings) -> Iterator[str]:
    """Yield what is wrong with the first answer of a new user."""
    done = run(around, "ask", QUESTION, "--seed", "1", "--temperature", "0", "--json")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        yield f"No answer: {done.stderr[-2000:]}"
        return
    print(f"{answer['answer']}\n{len(answer['citations'])} citations\n")
    if not answer["citations"]:
        yield "The answer has no citations."


def examined(around: Surroundings) -> Iterator[str]:
    """Yield what ``vademecum doctor`` finds wrong."""
    done = run(around, "doctor", "--json")
    try:
        report = json.loads(done.stdout)
    except ValueError:
        yield f"The doctor says nothing: {done.stderr[-2000:]}"
        return
    rows = [row for section in report["sections"] for row in section["rows"]]
    yield from (f"{row['label']}: {row['value']}" for row in rows if row["state"] == "problem")
    if not report["guarded"] or report["attempts"]:
        yield f"Guarded: {report['guarded']}; {report['attempts']} attempts to reach the network."


def left_behind(around: Surroundings) -> Iterator[str]:
    """Yield what lies in the home and is not Vademecum's data."""
    if sys.platform.startswith("linux"):
        data = around.home / ".local" / "share" / "vademecum"
        for path in around.home.rglob("*"):
            if path.is_file() and not path.is_relative_to(data):
                yield f"{path} was left behind."


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file in ``folder``."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(file.relative_to(folder)): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


if __name__ == "__main__":
    sys.exit(main())
