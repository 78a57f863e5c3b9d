"""``vademecum assets``: the default models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.assets.install import AssetStatus, install, listing, verify
from core.paths import Home
from core.programs import get_default_models
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt, fail, human_bytes
from desktop.commands.options import JsonOption

app = typer.Typer(no_args_is_help=True, help="The default models: install, verify and list them.")


@app.command("install")
def install_(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Default: all.")] = None,
    wheels: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Take the packages from a folder, without network."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch, check and convert the default models. The only command that uses the network."""
    output = Output()
    home: Home = context.obj
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        done = install(home, names or [], line.event, cancel, wheels=wheels)
    _show(output, done, as_json)


@app.command("verify")
def verify_(context: typer.Context, as_json: JsonOption = False) -> None:
    """Read every byte of the default models and compare it with what was installed."""
    output = Output()
    home: Home = context.obj
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        found = verify(home, line.event, cancel)
    _show(output, found, as_json)
    if bad := [status.asset.name for status in found if status.state != "installed"]:
        fail(f"Not usable: {', '.join(bad)}.", get_default_models())
        raise typer.Exit(1)


@app.command("list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the default models, and whether they are installed."""
    home: Home = context.obj
    _show(Output(), listing(home), as_json)


def _show(output: Output, found: Sequence[AssetStatus], as_json: bool) -> None:
    if as_json:
        output.json({"version": 1, "assets": [_as_row(status) for status in found]})
        return
    for status in found:
        asset = status.asset
        output.text(
            f"{asset.name}: {status.state}, {asset.kind}, {asset.licence}, "
            f"{human_bytes(asset.installed_bytes)}" + (f" ({status.problem})" if status.problem else "")
        )


def _as_row(status: AssetStatus) -> dict[str, object]:
    asset = status.asset
    return {
        "name": asset.name,
        "kind": asset.kind,
        "state": status.state,
        "problem": status.problem,
        "origin": asset.origin,
        "sha256": asset.weights_sha256,
        "bytes": asset.installed_bytes,
        "licence": asset.licence,
        "path": str(status.path),
    }
