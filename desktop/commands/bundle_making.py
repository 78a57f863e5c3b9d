"""``vademecum bundle``: keys, and making bundles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from core.bundles.bundles import bundles_of
from core.bundles.gathering import make_bundle
from core.bundles.making import Label
from core.bundles.manifest import Kind
from core.bundles.parts import LARGEST_ON_FAT32
from core.bundles.signing import make_keys, read_private
from core.errors import InputUnreadable
from core.paths import Home
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt, fail, human_bytes
from desktop.commands.options import JsonOption

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_SMALLEST = 64 * 1024
PasswordOption = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="Its first line protects the private key."),
]


def keygen(
    name: Annotated[Path, typer.Argument(metavar="NAME", help="Makes NAME.pem and NAME.pub.")],
    password_file: PasswordOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a pair of keys: NAME.pem to sign with, which stays secret, and NAME.pub for those who install."""
    output = Output()
    private, public = name.with_name(f"{name.name}.pem"), name.with_name(f"{name.name}.pub")
    identifier = make_keys(private, public, _password(password_file))
    if as_json:
        output.json({"version": 1, "id": identifier, "private": str(private), "public": str(public)})
    else:
        output.text(f"Made {private} (keep it secret) and {public}. The id of the key is {identifier}.")


def create(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="What is in it.")],
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A model or library by name, a folder, or a list's file.")
    ],
    target: Annotated[Path, typer.Argument(metavar="FILE", help="New file, such as NAME.vademecum.")],
    version: Annotated[str, typer.Option("--version", help="Of the content, such as 2026.1.")] = "",
    licence: Annotated[str, typer.Option("--licence", help="SPDX expression, or in words.")] = "",
    key: Annotated[
        Path | None, typer.Option("--key", metavar="NAME.pem", help="Sign with it; without, it is unsigned.")
    ] = None,
    password_file: PasswordOption = None,
    name: Annotated[str, typer.Option("--name", help="By default as the source is called.")] = "",
    parent: Annotated[
        list[str] | None, typer.Option("--parent", help="What it was made from; of an adapter, its base.")
    ] = None,
    about: Annotated[str, typer.Option("--about", help="A sentence for those who install it.")] = "",
    part_size: Annotated[
        str, typer.Option("--part-size", help="Cut what is larger, such as 700MB; 0 never cuts.")
    ] = str(LARGEST_ON_FAT32),
    as_json: JsonOption = False,
) -> None:
    """Make a bundle; one that is too large for a stick in FAT32 is cut into parts."""
    output = Output()
    home: Home = context.obj
    if kind != "library" and not (version and licence):
        raise InputUnreadable("A bundle needs a version and a licence.", "Add --version and --licence.")
    label = Label(kind, name, version, licence, tuple(parent or ()), "", about)
    private = read_private(key, _password(password_file)) if key else None
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        make_bundle(home, source, target, label, private, _bytes(part_size), cancel, line.step)
    files = [target] if target.exists() else sorted(target.parent.glob(f"{target.name}.*"))
    size = sum(path.stat().st_size for path in files)
    if as_json:
        output.json({"version": 1, "files": [str(path) for path in files], "bytes": size})
    else:
        output.text(f"Wrote {', '.join(path.name for path in files)} ({human_bytes(size)}).")
    if private is None:
        fail(
            "The bundle is not signed.", "Make a key with 'vademecum bundle keygen', and give it with --key."
        )


def trust(
    context: typer.Context,
    key: Annotated[Path, typer.Argument(metavar="FILE.pub", help="Public key of somebody you trust.")],
    name: Annotated[str, typer.Option("--name", help="What to call it; by default as the file.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Accept bundles that this key has signed. Compare its id with the maker by another way first."""
    output = Output()
    known = bundles_of(context.obj).keyring.add(key, name)
    if as_json:
        output.json({"version": 1, "name": known.name, "id": known.id})
    else:
        output.text(f"Bundles signed by {known.name} ({known.id}) are accepted now.")


def untrust(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="As `vademecum bundle keys` lists it.")],
    as_json: JsonOption = False,
) -> None:
    """Accept bundles of this key no more; what it has signed stays installed."""
    output = Output()
    bundles_of(context.obj).keyring.remove(name)
    if as_json:
        output.json({"version": 1, "removed": name})
    else:
        output.text(f"Bundles signed by {name} are not accepted any more.")


def keys(context: typer.Context, as_json: JsonOption = False) -> None:
    """List whose bundles are accepted."""
    output = Output()
    found = bundles_of(context.obj).keyring.keys()
    if as_json:
        output.json({"version": 1, "keys": [{"name": each.name, "id": each.id} for each in found]})
    elif not found:
        output.text("Nobody is trusted yet. Add a maker's public key: vademecum bundle trust FILE.pub")
    else:
        for each in found:
            output.text(f"{each.name}  {each.id}")


def _password(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes().splitlines()[0]
    except (OSError, IndexError) as error:
        raise InputUnreadable(f"{path} holds no password.", "Write it into the first line.") from error


def _bytes(text: str) -> int | None:
    """Read a size such as "700MB" or "3.9 GiB"; 0 is None."""
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmg]i?)?b?\s*", text, re.IGNORECASE)
    if not found:
        raise InputUnreadable(f"{text!r} is no size.", "Write it as 700MB or 3.9GiB; 0 never cuts.")
    count = int(float(found[1]) * _UNITS[(found[2] or "").lower()])
    if count and count < _SMALLEST:
        raise InputUnreadable(f"Parts of {text} are too small.", f"Choose at least {_SMALLEST:,} bytes.")
    return count or None
