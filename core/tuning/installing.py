"""Moving the model of a fine-tuning run to the other models, where settings can name it."""

from __future__ import annotations

import errno
import shutil
from dataclasses import replace
from pathlib import Path

from core.errors import RunUnusable
from core.library.storage import flush, storing
from core.library.versions import discard
from core.paths import Home
from core.tuning.runs import Run
from core.tuning.switching import Log, read_log, write_log


def model_folder(home: Home, run: Run) -> Path | None:
    """Return where the model of ``run`` lies: in the run, or under ``models`` once it was activated."""
    named = read_log(home).models.get(run.id)
    places = [run.merged, *([home.models / named] if named else [])]
    return next((place for place in places if place.is_dir()), None)


def install(home: Home, run: Run) -> str:
    """Move the model of ``run`` under ``models`` unless it is there; return its name.

    Whole or not at all. Raises RunUnusable if the run has no model, or a process works on it.
    """
    log = read_log(home)
    known = log.models.get(run.id)
    if known and (home.models / known).is_dir():
        return known
    if not run.merged.is_dir():
        raise RunUnusable(
            f"The run {run.id} has no finished model.", f"Finish it: `vademecum train run --resume {run.id}`."
        )
    name = known or _free_name(home, log, run.recipe().name)
    # the name is written down first, so that a kill after the move does not lose the way from run to model
    write_log(home, replace(log, models={**log.models, run.id: name}))
    with run.lock():
        _move(run.merged, home.models / name)
    return name


def _free_name(home: Home, log: Log, wanted: str) -> str:
    given = [*(path.name for path in home.models.glob("*")), *log.models.values()]
    taken = {name.casefold() for name in given}
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, 10_000)))
    return next(name for name in names if name.casefold() not in taken)


def _move(source: Path, target: Path) -> None:
    """Rename ``source`` to ``target``, which does not exist; from another disk, copy it aside first."""
    with storing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            aside = target.with_name(f".new-{target.name}")
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(source, aside)
            flush(path for path in aside.rglob("*") if path.is_file())
            aside.rename(target)
            discard(source)
        flush([target.parent])
