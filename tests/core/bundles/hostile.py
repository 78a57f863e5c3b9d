"""Bundles that must not be installed, and what is said of each.

``python -m tests.core.bundles.hostile`` installs them all in a folder that is deleted again, and prints the
table of docs/HOSTILE_BUNDLES.md.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from core.bundles.bundles import Bundles, Wish
from core.bundles.trust import Keyring
from core.cancel import CancelToken
from core.errors import AppError
from core.paths import Home
from core.policy import Policy
from tests.core.bundles import hostile_archives, hostile_contents, hostile_manifests
from tests.core.bundles.hostile_kit import Built, kind, public_key

CASES = (*hostile_archives.CASES, *hostile_manifests.CASES, *hostile_contents.CASES)


def prepared(root: Path) -> Bundles:
    """Return bundles that trust the maker, with one list in use."""
    home = Home(root / "home")
    keyring = Keyring(home, Policy(), False)
    keyring.add(public_key(root / "maker.pub"))
    bundles = Bundles(home, keyring)
    good = kind("retractions", {"a.txt": b"PMID:1\nPMID:2"}, name="watch", version="5")
    attempt(bundles, root / "good", good)
    return bundles


def attempt(bundles: Bundles, folder: Path, build: Callable[[], Built], unsigned: bool = False) -> None:
    """Write the bundle and install it; raise what refuses it."""
    built = build()
    made = built if isinstance(built, dict) else {"evil.vademecum": built}
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (folder / name).write_bytes(data)
    wish = Wish(unsigned=unsigned)
    bundles.install(folder / next(iter(made)), wish, CancelToken(), lambda *_: None)


def table() -> str:
    """Return what happens to every bundle, as Markdown."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        bundles = prepared(Path(folder))
        for number, case in enumerate(CASES, 1):
            try:
                attempt(bundles, Path(folder, str(number)), case.build, case.name == "unsigned program")
                outcome = "**installed**"
            except AppError as error:
                outcome = _without_places(str(error), Path(folder, str(number)))
            rows.append(f"| {number} | {case.name} | {case.what} | {_cell(outcome)} |")
    return "\n".join([_HEAD, *rows]) + "\n"


def _without_places(text: str, folder: Path) -> str:
    text = text.replace(str(folder) + "/", "").replace(str(folder.parent), "…")
    words = text.split(": about")[0] + ("." if ": about" in text else "")  # how much room there is
    return words if len(words) < 200 else words[:199] + "…"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


_HEAD = """# Hostile bundles

What `vademecum bundle install` does with bundles that are damaged, forged or made to do harm. The table is
made by installing them all: `python -m tests.core.bundles.hostile > docs/HOSTILE_BUNDLES.md`. The same
bundles are tests (`tests/core/bundles/test_hostile.py`), which also look that nothing of them stays and that
what was in use is unchanged.

| | bundle | what is wrong | what happens |
|---|---|---|---|"""


if __name__ == "__main__":
    print(table(), end="")
