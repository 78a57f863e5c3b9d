"""``vademecum library retractions`` and ``library reindex``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.library.retractions import import_list, imported_lists, remove_list
from core.library.shelf import shelf_of
from core.paths import Home
from core.settings import settings_of
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt
from desktop.commands.options import JsonOption


def retractions(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="PMIDs, DOIs or PMCIDs; or CSV.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the lists that were imported.")] = False,
    remove: Annotated[
        str | None, typer.Option(metavar="NAME", help="Forget the list of this name; see --list.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Import a list of retracted publications, in place of an earlier one of that name.

    They are left out of answers and searches of all libraries, and marked wherever they are shown.
    """
    output, home = Output(), context.obj
    assert isinstance(home, Home)
    if sum((path is not None, listed, remove is not None)) != 1:
        raise typer.BadParameter("Give one of FILE, --list and --remove NAME.")
    if path is not None:
        _import(home, path, output, as_json=as_json)
        return
    if remove is not None:
        home.policy.must_allow("imports")
        remove_list(home.retractions, remove)
    kept = imported_lists(home.retractions)
    if as_json:
        output.json({"version": 1, "lists": kept})
        return
    if remove is not None:
        output.text(f"The list {remove} is forgotten.")
    for one in kept:
        output.text(f"{one.name}: {one.publications:,} publications, imported {one.imported}")
    if not kept:
        output.text("No list of retractions is imported.")


def _import(home: Home, path: Path, output: Output, *, as_json: bool) -> None:
    from core.retrieval.records import RecordsIndex

    home.policy.must_allow("imports")
    listed = import_list(home.retractions, path)
    shelf, found = shelf_of(home), {}
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
    runtime = Runtime(home, settings_of(home))
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        version = embed_anew(runtime.shelf, name, runtime.embedder(), cancel, line.step)
    Output().text(f"{name} is searched with {runtime.embedder().fingerprint} now (version {version}).")
