"""Build the starter library for installers, so that nobody waits for it at the first start.

    .venv/bin/python packaging/starter.py [FOLDER]

FOLDER becomes the library; without it, the library ``starter`` of the data folder does. See ``make starter``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from core import starter
from core.cancel import CancelToken
from core.library.shelf import LibraryInfo, Shelf
from core.paths import Home, default_home
from core.registry import find_model
from core.settings import ModelSettings, Settings


def main(arguments: list[str]) -> int:
    """Build it and say what it holds; return the exit status."""
    home = default_home()
    out = Path(arguments[0]) if arguments else home.libraries / starter.NAME
    info = build_starter(home, out)
    print(f"{out}: {info.documents} cards, {info.bytes / 1e6:.1f} MB, made with {info.embedder}")
    return 0


def build_starter(home: Home, out: Path) -> LibraryInfo:
    """Make ``out`` the folder of a finished starter library, in place of what is there, and describe it.

    It works on any computer with the same embedder, wherever it is copied to.

    Args:
        home: where the default embedder is installed; only read.
        out: not a library that anybody has open.

    Raises:
        ModelUnusable: the default embedder is not installed.
        RuntimeError: the library was made but fails its own check.
        StorageFull: there is not enough room beside ``out``.
    """
    embedder = find_model(home, Settings().model.embedder, "embedder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".starter-", dir=out.parent) as folder:
        aside = Home(Path(folder))
        settings = Settings(model=ModelSettings(embedder=str(embedder)))
        starter.build(aside, settings, CancelToken(), lambda *step: None)
        shelf = Shelf(aside.libraries)
        if problems := shelf.verify(starter.NAME):
            raise RuntimeError("; ".join(problems))
        made, info = aside.libraries / starter.NAME, shelf.info(starter.NAME)
        shutil.rmtree(made / "reports")  # of this import: it names the folder of the cards
        for lock in made.rglob("*.lock"):
            lock.unlink()
        shutil.rmtree(out, ignore_errors=True)
        made.rename(out)
    return info


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
