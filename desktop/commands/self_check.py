"""``vademecum --self-check``: tries every part of this installation and prints a table."""

from __future__ import annotations

import tempfile
import textwrap
from pathlib import Path

from core import __version__, offline
from core.paths import Home
from core.programs import shipped
from core.self_check.check import Row, run
from desktop.commands.console import Output

_SAID = 76  # characters a line


def self_check(user: Home) -> int:
    """Try everything in a folder that is deleted again; return the exit status, 1 if anything failed."""
    output = Output()
    with tempfile.TemporaryDirectory(prefix="vademecum-", ignore_cleanup_errors=True) as folder:
        offline.arm("self-check", Home(Path(folder) / "home"))
        given = shipped()
        output.text(f"Vademecum {__version__}, {f'installed in {given.parent}' if given else 'from source'}")
        rows = []
        for row in run(user, Path(folder)):
            rows.append(row)
            output.text(as_text(row))
    failed = sum(not row.ok for row in rows)
    output.text(f"{failed} of {len(rows)} failed." if failed else f"All {len(rows)} work.")
    return 1 if failed else 0


def as_text(row: Row) -> str:
    """Return one row of the table."""
    head = f"{'ok    ' if row.ok else 'FAILED'} {row.seconds:7.1f} s  {row.what}"
    said = textwrap.shorten(row.said, 2 * _SAID) if row.ok else row.said
    return "\n".join([head, textwrap.indent(textwrap.fill(said, _SAID), " " * 18)])
