"""What a bundle says of itself, and whether it could be installed here; only its manifest is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.bundles.bundles import Bundles, Wish
from core.bundles.container import Opened, open_bundle
from core.bundles.manifest import Kind
from core.bundles.parts import list_of, open_file
from core.errors import AppError

Signature = Literal["trusted", "unknown", "none"]
_SHOWN = 200  # files that are listed


@dataclass(frozen=True, slots=True)
class Inspection:
    """For people to decide by.

    Attributes:
        kind to about: as in the manifest.
        size: bytes of all files, of which there are ``files``; the largest are in ``contents``.
        parts: pieces that the bundle is in; 1 if it is whole.
        signature: by a key that is trusted here, by another, or none.
        signer: id of the key; ``signed_by`` what it is called here.
        installed: version of that name that is in use; empty if there is none.
        warnings: what to know before.
        refusal, hint: why it cannot be installed, and what to do about it; empty if it can.
        at_own_risk: it could be if the user wants it although nobody trusted has signed it.
    """

    kind: Kind
    name: str
    version: str
    created: str
    parents: tuple[str, ...]
    licence: str
    needs: str
    about: str
    size: int
    files: int
    contents: tuple[tuple[str, int], ...]
    parts: int
    signature: Signature
    signer: str
    signed_by: str
    installed: str
    warnings: tuple[str, ...] = ()
    refusal: str = ""
    hint: str = ""
    at_own_risk: bool = False


def inspect(bundles: Bundles, path: Path, wish: Wish) -> Inspection:
    """Read the manifest of the bundle at ``path``, whole or in parts.

    Raises:
        BundleRefused, InputUnreadable: it is no bundle that could be described.
    """
    with open_file(path) as source:
        opened = open_bundle(source, bundles.keyring.keys())
    said = _described(bundles, opened, len(list_of(path) or (path,)), wish)
    try:
        return replace(said, warnings=tuple(bundles.check(opened, replace(wish, unsigned=False))))
    except AppError as error:
        said = replace(said, refusal=str(error), hint=error.hint)
    if said.signature == "trusted":
        return said
    try:
        warnings = bundles.check(opened, replace(wish, unsigned=True))
    except AppError as error:
        return replace(said, refusal=str(error), hint=error.hint)
    return replace(said, warnings=tuple(warnings), at_own_risk=True)


def _described(bundles: Bundles, opened: Opened, parts: int, wish: Wish) -> Inspection:
    manifest = opened.manifest
    largest = sorted(manifest.files, key=lambda file: -file.size)[:_SHOWN]
    unknown: Signature = "unknown" if opened.signature else "none"
    return Inspection(
        kind=manifest.kind,
        name=manifest.name,
        version=manifest.version,
        created=manifest.created,
        parents=manifest.parents,
        licence=manifest.licence,
        needs=manifest.needs,
        about=manifest.about,
        size=manifest.size,
        files=len(manifest.files),
        contents=tuple((file.path, file.size) for file in largest),
        parts=parts,
        signature="trusted" if opened.signed_by else unknown,
        signer=manifest.signer,
        signed_by=opened.signed_by.name if opened.signed_by else "",
        installed=bundles.register.used(manifest.kind, wish.name or manifest.name),
    )
