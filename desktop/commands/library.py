"""``vademecum library``: add files, list, show, verify, revert and remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.errors import InputUnreadable, LibraryMissing
from core.library.shelf import Shelf
from core.library.store import DocumentStore
from core.paths import Home
from core.settings import read_settings
from core.types import Document, ImportReport
from desktop.commands.ask import JsonOption
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt, fail, human_bytes

app = typer.Typer(no_args_is_help=True, help="Make, fill and look after libraries.")
Name = Annotated[str, typer.Argument(help="Name of the library.")]
_SHOWN = 20  # rejected records listed on a terminal; --json has all


@app.command()
def add(
    context: typer.Context,
    name: Name,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")],
    as_json: JsonOption = False,
) -> None:
    """Take files into a library; it is made if it is new."""
    from core.runtime import Runtime

    output = Output()
    home: Home = context.obj
    runtime = Runtime(home, read_settings(home.settings))
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        report = runtime.add(name, paths, cancel, line.step)
    if as_json:
        output.json(report)
    else:
        output.text(_report_as_text(name, report))


@app.command("list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the libraries of this computer."""
    output, shelf = Output(), _shelf(context)
    libraries = [shelf.info(name) for name in shelf.names()]
    if as_json:
        output.json({"version": 1, "libraries": libraries})
    elif not libraries:
        output.text("There is no library yet. Make one: vademecum library add NAME FILE")
    else:
        for info in libraries:
            output.text(
                f"{info.name}: {info.documents:,} documents, {info.chunks:,} passages, "
                f"{human_bytes(info.bytes)}"
            )


@app.command()
def show(
    context: typer.Context,
    name: Name,
    doc_id: Annotated[str, typer.Argument(metavar="DOC_ID", help="Document id, PMID or DOI.")],
    as_json: JsonOption = False,
) -> None:
    """Show one document with its full stored text."""
    output = Output()
    folder, _ = _shelf(context).active_version(name)
    with DocumentStore.open(folder) as store:
        document = store.find(doc_id)
    if document is None:
        raise LibraryMissing(
            f"The library \u201c{name}\u201d has no document {doc_id}.", "Find one with `vademecum search`."
        )
    if as_json:
        output.json(document)
    else:
        output.text(_document_as_text(document))


@app.command()
def verify(context: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Check every file of a library against its manifest, and every passage against its document."""
    output = Output()
    problems = _shelf(context).verify(name)
    if as_json:
        output.json({"version": 1, "library": name, "ok": not problems, "problems": problems})
    if problems:
        fail(
            f"The library \u201c{name}\u201d is damaged: {'; '.join(problems)}.",
            "Remove it and add its files again.",
        )
        raise typer.Exit(1)
    if not as_json:
        output.text(f"The library \u201c{name}\u201d is sound.")


@app.command()
def revert(context: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Undo the last import into a library: back to the version before it."""
    output = Output()
    now = _shelf(context).revert(name)
    if as_json:
        output.json({"version": 1, "library": now})
    else:
        output.text(
            f"\u201c{name}\u201d has {now.documents:,} documents again. "
            "To have the others back, add their files again."
        )


@app.command()
def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a library and all its versions."""
    shelf = _shelf(context)
    info = shelf.info(name)
    if not yes and not as_json:
        typer.confirm(
            f"Delete the library \u201c{name}\u201d with {info.documents:,} documents?", abort=True, err=True
        )
    elif not yes:
        raise InputUnreadable("Nothing was removed.", "Say --yes to remove without being asked.")
    shelf.remove(name)
    output = Output()
    if as_json:
        output.json({"version": 1, "removed": name, "documents": info.documents})
    else:
        output.text(f"Removed \u201c{name}\u201d.")


def _shelf(context: typer.Context) -> Shelf:
    home: Home = context.obj
    return Shelf(home.libraries)


def _report_as_text(name: str, report: ImportReport) -> str:
    lines = [
        f"{name}: {report.added:,} added, {report.updated:,} updated, {report.duplicates:,} already there, "
        f"{report.failed:,} could not be read.",
        *(f"  {r.file}, record {r.record}: {r.reason}" for r in report.report[:_SHOWN]),
    ]
    if len(report.report) > _SHOWN:
        lines.append(f"  and {len(report.report) - _SHOWN:,} more; --json lists all")
    lines.append(f"Now {report.documents:,} documents, {report.chunks:,} passages ({report.seconds:.1f} s).")
    return "\n".join(lines)


def _document_as_text(document: Document) -> str:
    facts = [
        ", ".join(document.authors),
        ", ".join(part for part in (document.journal, str(document.year or "")) if part),
        f"PMID {document.pmid}" if document.pmid else "",
        f"doi {document.doi}" if document.doi else "",
        "; ".join(document.publication_types),
        f"MeSH: {'; '.join(document.mesh)}" if document.mesh else "",
        "RETRACTED" if document.retracted else "",
    ]
    body = [
        (f"{section.label}\n" if section.label else "") + document.text[section.start : section.end]
        for section in document.sections
    ] or [document.text]
    return "\n".join([document.title, *filter(None, facts)]) + "\n\n" + "\n\n".join(body)
