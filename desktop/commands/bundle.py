"""``vademecum bundle``: inspect, verify, install, list, go back, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.bundles.bundles import Bundles, Wish, bundles_of
from core.bundles.container import open_bundle, verify
from core.bundles.inspecting import inspect
from core.bundles.manifest import Kind
from core.bundles.parts import damaged_parts, open_file
from core.bundles.register import Entry
from core.errors import BundleRefused
from core.paths import Home
from core.updates.home_format import prepare
from desktop.commands import bundle_backups as backups
from desktop.commands import bundle_making as making
from desktop.commands.bundle_text import inspection_as_text, stranger
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt, human_bytes, progress
from desktop.commands.options import EventsOption, JsonOption

app = typer.Typer(
    no_args_is_help=True,
    help="Models, adapters, libraries, lists of retractions and updates as one signed file.",
)
FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="NAME.vademecum, or any part of one that was cut.")
]
NameArgument = Annotated[str, typer.Argument(help="As `vademecum bundle list` shows it.")]
KindOption = Annotated[Kind | None, typer.Option("--kind", help="Where two kinds have the same name.")]


@app.command("inspect")
def inspect_(context: typer.Context, file: FileArgument, as_json: JsonOption = False) -> None:
    """Show what a bundle says of itself, who signed it, and whether it can be installed here."""
    output = Output()
    found = inspect(_bundles(context), file, Wish())
    if as_json:
        output.json({"version": 1, "bundle": found})
    else:
        output.text(inspection_as_text(found))


@app.command("verify")
def verify_(context: typer.Context, file: FileArgument, as_json: JsonOption = False) -> None:
    """Read a bundle to the last byte and check every hash and the signature; nothing is installed."""
    output, bundles = Output(), _bundles(context)
    with cancel_on_interrupt() as cancel, ProgressLine() as line, open_file(file) as source:
        if damaged := damaged_parts(file, cancel):
            raise BundleRefused(f"{', '.join(damaged)} is damaged.", "Copy that part again.")
        opened = open_bundle(source, bundles.keyring.keys())
        total, done = opened.manifest.size, 0

        def read(count: int) -> None:
            nonlocal done
            done += count
            line.step("check", done, total, "bytes")

        verify(source, opened.manifest, cancel, read)
    by = opened.signed_by.name if opened.signed_by else ""
    if as_json:
        output.json({"version": 1, "whole": True, "signed_by": by, "signer": opened.manifest.signer})
    else:
        signer = f"signed by {by}" if by else stranger(opened.manifest.signer)
        output.text(f"{opened.manifest.name} {opened.manifest.version} is whole, and {signer}.")


@app.command()
def install(
    context: typer.Context,
    file: FileArgument,
    allow_unsigned: Annotated[
        bool, typer.Option("--allow-unsigned", help="Although nobody whom you trust has signed it.")
    ] = False,
    name: Annotated[str, typer.Option("--name", help="Name here, if it is to be another.")] = "",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Of an update: where programs are kept.")
    ] = None,
    events: EventsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Install a bundle beside what is in use. Stopped or killed, the same again goes on."""
    output = Output()
    wish = Wish(allow_unsigned, name, to.absolute() if to else None)
    with progress(events) as (cancel, step):
        made = _bundles(context).install(file, wish, cancel, step)
    if as_json:
        output.json({"version": 1, **_as_table(made.entry), "note": made.note, "already": made.already})
        return
    done = "was installed already" if made.already else "is installed"
    output.text(f"{made.entry.name} {made.entry.version} {done}.")
    if made.note:
        output.text(made.note)


@app.command("list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the bundles that are installed; * marks the version in use."""
    output, bundles = Output(), _bundles(context)
    found = bundles.installed()
    used = [bundles.register.used(each.kind, each.name) == each.version for each in found]
    if as_json:
        output.json(
            {
                "version": 1,
                "bundles": [{**_as_table(each), "used": now} for each, now in zip(found, used, strict=True)],
            }
        )
    for each, now in zip(found, used, strict=True) if not as_json else ():
        signer = f"signed by {each.signed_by}" if each.signed_by else stranger(each.signer)
        output.text(
            f"{'*' if now else ' '} {each.kind} {each.name} {each.version}  {human_bytes(each.bytes)}, "
            f"{signer}, installed {each.installed}"
        )
    if not found and not as_json:
        output.text("No bundle is installed. Install one: vademecum bundle install FILE")


@app.command()
def rollback(
    context: typer.Context,
    name: NameArgument,
    version: Annotated[str, typer.Option("--version", help="Which one; by default the one before.")] = "",
    kind: KindOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an earlier version of a bundle into use; nothing is removed."""
    output = Output()
    made = _bundles(context).rollback(name, version, kind)
    if as_json:
        output.json({"version": 1, **_as_table(made.entry), "note": made.note})
    else:
        output.text("\n".join(filter(None, (f"{name} {made.entry.version} is in use now.", made.note))))


@app.command()
def remove(
    context: typer.Context,
    name: NameArgument,
    version: Annotated[str, typer.Option("--version", help="Only this one.")] = "",
    kind: KindOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a bundle with all its versions, or one version that is not in use."""
    output = Output()
    gone = _bundles(context).remove(name, version, kind)
    if as_json:
        output.json({"version": 1, "removed": [_as_table(each) for each in gone]})
    else:
        output.text(f"Removed {name} {', '.join(each.version for each in gone)}.")


for command in (making.keygen, making.create, making.trust, making.untrust, making.keys, backups.restore):
    app.command()(command)
app.command("backups")(backups.list_)


def _home(context: typer.Context) -> Home:
    home: Home = context.obj
    return home


def _bundles(context: typer.Context) -> Bundles:
    prepare(_home(context))
    return bundles_of(_home(context))


def _as_table(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in Entry.__slots__}
