"""The libraries that come with an installed Vademecum, at the first start of a user."""

from __future__ import annotations

import errno
import secrets
import shutil
from pathlib import Path

from core.library.storage import storing
from core.paths import Home
from core.programs import shipped


def bring_libraries(home: Home) -> None:
    """Copy the libraries that came with the program to a user who has never had any.

    Whole or not at all. A library that was removed since does not come back: the folder of libraries stays.
    Raises StorageFull.
    """
    given = shipped()
    if given is None or home.libraries.exists() or not (given / "libraries").is_dir():
        return
    aside = home.root / f".libraries.{secrets.token_hex(4)}"
    with storing(home.root):
        home.root.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copytree(given / "libraries", aside, copy_function=shutil.copyfile)
            _make_writable(aside)
            aside.rename(home.libraries)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY) and not home.libraries.exists():
                raise  # else another process was first
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _make_writable(folder: Path) -> None:
    """Undo what copying from a read-only installation has done to the folders."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
