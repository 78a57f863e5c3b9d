"""What is known of a bundle, in lines."""

from __future__ import annotations

from core.bundles.inspecting import Inspection
from desktop.commands.console import human_bytes


def stranger(signer: str) -> str:
    """Say of whom a bundle is that nobody trusted has signed."""
    return f"signed by {signer}, who is not trusted here" if signer else "not signed"


def inspection_as_text(found: Inspection) -> str:
    """Return what a bundle says of itself, a fact a line."""
    signer = f"{found.signed_by} ({found.signer})" if found.signed_by else stranger(found.signer)
    pieces = f", in {found.parts} parts" if found.parts > 1 else ""
    lines = [
        f"{found.kind} {found.name} {found.version}: {found.about}".rstrip(": "),
        f"signer      {signer}",
        f"licence     {found.licence}",
        f"made        {found.created}, for Vademecum {found.needs} or newer",
        f"made from   {', '.join(found.parents)}" if found.parents else "",
        f"installed   {found.installed}" if found.installed else "",
        f"files       {found.files:,}, {human_bytes(found.size)}{pieces}",
        *(f"  {human_bytes(count):>10}  {path}" for path, count in found.contents[:10]),
        *(f"note        {warning}" for warning in found.warnings),
        f"It cannot be installed as it is: {found.refusal} {found.hint}" if found.refusal else "",
    ]
    return "\n".join(line for line in lines if line)
