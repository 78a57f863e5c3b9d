"""``vademecum library``: verify, versions, rollback, revert, compact, reports, export and import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.library.reports import write_report
from core.library.shelf import LibraryInfo, Shelf
from core.library.shelf import shelf_of as all_libraries
from core.library.storage import storing
from core.paths import Home
from core.types import FileReport, ImportReport
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt, fail, human_bytes
from desktop.commands.options import JsonOption

Name = Annotated[str, typer.Argument(help="Name of the library.")]
_SHOWN = 20  # rejected records listed on a terminal; --json and --report have all


def verify(context: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Check every file, document, passage and index of a library, and that each passage finds itself."""
    output = Output()
    problems = shelf_of(context).verify(name)
    if as_json:
        output.json({"version": 1, "library": name, "ok": not problems, "problems": problems})
    if problems:
        fail(
            f"The library \u201c{name}\u201d is damaged: {'; '.join(problems)}.",
            "Go back to an earlier version, or remove it and add its files again.",
        )
        raise typer.Exit(1)
    if not as_json:
        output.text(f"The library \u201c{name}\u201d is sound.")


def versions(
    context: typer.Context,
    name: Name,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", min=1, max=100, help="Keep so many earlier versions from now on (1 at first)."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the versions that are kept, and what changed from each to the next."""
    output, shelf = Output(), shelf_of(context)
    if keep is not None:
        with shelf.lock(name), storing(shelf.folder):
            shelf.active_version(name)  # says if there is none
            shelf.versions(name).set_kept(keep)
    history, active = shelf.history(name), shelf.info(name).version
    if as_json:
        kept = shelf.versions(name).kept
        output.json({"version": 1, "active": active, "kept": kept, "versions": history})
        return
    for info in history:
        output.text(("* " if info.version == active else "  ") + _version_as_text(info))


def rollback(
    context: typer.Context,
    name: Name,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="As `vademecum library versions` lists it.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Take an earlier version of a library that is kept, or a later one, into use."""
    output = Output()
    now = shelf_of(context).rollback(name, version)
    if as_json:
        output.json({"version": 1, "library": now})
    else:
        output.text(f"\u201c{name}\u201d has {now.documents:,} documents now, as of {now.created}.")


def revert(context: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Undo the last change of a library: back to the version before it."""
    output = Output()
    now = shelf_of(context).revert(name)
    if as_json:
        output.json({"version": 1, "library": now})
    else:
        output.text(
            f"\u201c{name}\u201d has {now.documents:,} documents again. "
            "To have the others back, add their files again."
        )


def compact(context: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Build the indexes of a library anew and give the room of deleted documents back."""
    from core.library.ingest import compact as compact_library

    output, shelf = Output(), shelf_of(context)
    before = shelf.info(name).bytes
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        compact_library(shelf, name, cancel, line.step)
    now = shelf.info(name)
    if as_json:
        output.json({"version": 1, "bytes_before": before, "library": now})
    else:
        output.text(f"\u201c{name}\u201d takes {human_bytes(now.bytes)}; it was {human_bytes(before)}.")


def reports(
    context: typer.Context,
    name: Name,
    number: Annotated[
        int, typer.Option("--number", min=1, help="1 is the last import, 2 the one before.")
    ] = 1,
    write_to: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write it to a file: .csv or .json.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the report of the last import, or an earlier one of the last 20."""
    output, shelf = Output(), shelf_of(context)
    shelf.active_version(name)  # says if there is none
    saved = shelf.versions(name).reports.all()
    if as_json:
        output.json({"version": 1, "reports": saved})
    if len(saved) < number:
        if not as_json:
            output.text(f"There are {len(saved)} reports of imports into \u201c{name}\u201d.")
        return
    chosen = saved[number - 1]
    if write_to is not None:
        with storing(write_to.parent):
            write_report(write_to, chosen.report)
    if not as_json:
        output.text(f"{chosen.when}, {number} of {len(saved)}\n{report_as_text(name, chosen.report)}")


def export(
    context: typer.Context,
    name: Name,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="New file, such as NAME.vademecum.")],
    as_json: JsonOption = False,
) -> None:
    """Write a library to one verified file, with its vectors and original files."""
    from core.library.transfer import export_library

    output = Output()
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        export_library(shelf_of(context), name, target, cancel, line.step)
    size = target.stat().st_size
    if as_json:
        output.json({"version": 1, "library": name, "file": str(target), "bytes": size})
    else:
        output.text(f"Wrote \u201c{name}\u201d to {target} ({human_bytes(size)}).")


def import_(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="Made by `vademecum library export`.")],
    name: Annotated[str, typer.Option("--name", help="Name here, if it is to be another.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a library of an exported file, which is checked to the last byte first."""
    from core.library.transfer import import_library

    output = Output()
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        made = import_library(shelf_of(context), source, name, cancel, line.step)
    if as_json:
        output.json({"version": 1, "library": made})
    else:
        output.text(f"Made the library \u201c{made.name}\u201d with {made.documents:,} documents.")


def shelf_of(context: typer.Context) -> Shelf:
    """Return the libraries of this computer."""
    home: Home = context.obj
    return all_libraries(home)


def copy(
    context: typer.Context,
    name: Name,
    new: Annotated[str, typer.Argument(help="Name of the copy.")],
    as_json: JsonOption = False,
) -> None:
    """Copy a library, such as a shared one that can only be read, to one of your own."""
    from core.library.copying import copy_library

    output = Output()
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        made = copy_library(shelf_of(context), name, new, cancel, line.step)
    if as_json:
        output.json({"version": 1, "library": made})
    else:
        output.text(f"Made the library \u201c{made.name}\u201d with {made.documents:,} documents.")


def report_as_text(name: str, report: ImportReport) -> str:
    """Return a report in lines: all files, and the first records that were left out."""
    lines = [
        f"{name}: {report.added:,} added, {report.updated:,} updated, {report.duplicates:,} already there, "
        f"{report.deleted:,} deleted, {report.failed:,} could not be read.",
        *(_file_as_text(file) for file in report.files if len(report.files) > 1),
        *(f"  {r.file}, record {r.record}: {r.reason}" for r in report.report[:_SHOWN]),
    ]
    if len(report.report) > _SHOWN:
        lines.append(f"  and {len(report.report) - _SHOWN:,} more; --report FILE lists all")
    lines.append(f"Now {report.documents:,} documents, {report.chunks:,} passages ({report.seconds:.1f} s).")
    return "\n".join(lines)


def _file_as_text(file: FileReport) -> str:
    counts = {
        "added": file.added,
        "updated": file.updated,
        "already there": file.duplicates,
        "deleted": file.deleted,
        "not read": file.failed,
    }
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count) or "nothing in it"
    return f"  {file.file} ({file.format or 'unknown format'}): {told}"


def _version_as_text(info: LibraryInfo) -> str:
    change = info.change
    counts = {"added": change.added, "updated": change.updated, "deleted": change.deleted} if change else {}
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    what = f"{change.kind if change else 'made by an earlier Vademecum'}{': ' + told if told else ''}"
    return (
        f"{info.version}  {info.created}  {info.documents:,} documents, {info.chunks:,} passages, "
        f"{human_bytes(info.bytes)}  ({what})"
    )
