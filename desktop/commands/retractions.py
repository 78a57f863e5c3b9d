"""``vademecum library retractions`` and ``library reindex``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.library.retractions import import_list
from core.library.shelf import Shelf
from core.paths import Home
from core.settings import read_settings
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt
from desktop.commands.options import JsonOption


def retractions(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="PMIDs, DOIs or PMCIDs; or CSV.")],
    as_json: JsonOption = False,
) -> None:
    """Import a list of retracted publications, in place of an earlier one of that name.

    They are left out of answers and searches of all libraries, and marked wherever they are shown.
    """
    from core.retrieval.records import RecordsIndex

    output = Output()
    home: Home = context.obj
    listed = import_list(home.retractions, path)
    shelf, found = Shelf(home.libraries), {}
    for name in shelf.names():
        records = RecordsIndex.load(shelf.active_version(name)[0] / "records")
        held = records.identified(pmid=listed.pmids, doi=listed.dois, pmcid=listed.pmcids)
        found[name] = len(held)
    if as_json:
        output.json({"version": 1, "listed": len(listed), "libraries": found})
        return
    output.text(f"{len(listed):,} retracted publications are on the list.")
    for name, count in found.items():
        output.text(f"{name}: {count:,} of them")


def reindex(
    context: typer.Context, name: Annotated[str, typer.Argument(help="Name of the library.")]
) -> None:
    """Embed a library anew, with the embedder of the settings."""
    from core.library.reindex import reindex as embed_anew
    from core.runtime import Runtime

    home: Home = context.obj
    runtime = Runtime(home, read_settings(home.settings))
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        version = embed_anew(runtime.shelf, name, runtime.embedder(), cancel, line.step)
    Output().text(f"{name} is searched with {runtime.embedder().fingerprint} now (version {version}).")
