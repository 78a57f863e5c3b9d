"""The starter library of an installed Vademecum, at the first start of a user."""

from __future__ import annotations

import errno
import secrets
import shutil
from pathlib import Path

from core.errors import AppError
from core.library.shelf import Shelf
from core.library.storage import storing
from core.paths import Home
from core.programs import shipped
from core.registry import find_model
from core.settings import Settings, settings_of


def bring_libraries(home: Home) -> None:
    """Copy the starter library that came with the program to a user who has never had a library.

    It is copied so that it can be added to. Others that came along are searched where they are, as is this
    one where users may not change libraries. One with vectors of another search model than the one in use
    is not copied, since it would be refused: the set-up builds it then. Whole or not at all. A copy that was
    removed since is not made again: the folder of libraries stays. Raises StorageFull.
    """
    given = shipped()
    if given is None or not home.policy.imports or home.libraries.exists():
        return
    if not (names := _searchable(home, given / "libraries")):
        return
    aside = home.root / f".libraries.{secrets.token_hex(4)}"
    with storing(home.root):
        home.root.mkdir(parents=True, exist_ok=True)
        try:
            for name in names:
                shutil.copytree(given / "libraries" / name, aside / name, copy_function=shutil.copyfile)
            _make_writable(aside)
            aside.rename(home.libraries)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY) and not home.libraries.exists():
                raise  # else another process was first
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _searchable(home: Home, folder: Path) -> list[str]:
    """Return the libraries in ``folder`` that the embedder in use can search; none if it is not there."""
    from core.retrieval.encoding import fingerprint_of

    shelf, ours = Shelf(folder), Settings().libraries
    try:
        embedder = find_model(home, settings_of(home).model.embedder, "embedder")
        wanted = fingerprint_of(embedder)
        return [name for name in shelf.names() if name in ours and shelf.info(name).embedder == wanted]
    except AppError:
        return []


def _make_writable(folder: Path) -> None:
    """Undo what copying from a read-only installation has done to the folders."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
