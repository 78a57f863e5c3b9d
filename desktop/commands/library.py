"""``vademecum library``: add files, follow a folder, list, show, delete and remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.errors import InputUnreadable, LibraryBusy, LibraryMissing
from core.library.reports import write_report
from core.library.storage import storing
from core.library.store import DocumentStore
from core.paths import Home
from core.settings import settings_of
from core.types import Document
from desktop.commands import library_care as care
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt, confirm, fail, human_bytes
from desktop.commands.library_care import Name, report_as_text, shelf_of
from desktop.commands.options import JsonOption

app = typer.Typer(no_args_is_help=True, help="Make, fill and look after libraries.")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")],
    collection: Annotated[str, typer.Option("--collection", help="Put the documents into this group.")] = "",
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="FIELD=COLUMN", help="Which column of a table holds a field."),
    ] = None,
    report_to: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Also write the report: .csv or .json.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take files into a library; it is made if it is new. Stopped or killed, the same again goes on."""
    from core.runtime import Runtime

    output = Output()
    home: Home = context.obj
    runtime, columns = Runtime(home, settings_of(home)), _columns(column or [])
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        report = runtime.add(name, paths, cancel, line.step, collection, columns)
    if report_to is not None:
        with storing(report_to.parent):
            write_report(report_to, report)
    if as_json:
        output.json(report)
    else:
        output.text(report_as_text(name, report))


@app.command()
def watch(
    context: typer.Context,
    name: Name,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder that the library follows.")],
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    interval: Annotated[float, typer.Option("--interval", min=1.0, help="Seconds between two looks.")] = 30.0,
    as_json: JsonOption = False,
) -> None:
    """Keep a library as a folder is: new, changed and removed files are followed until Ctrl+C."""
    from core.library.watching import watch_once
    from core.runtime import Runtime

    output = Output()
    home: Home = context.obj
    runtime = Runtime(home, settings_of(home))
    with cancel_on_interrupt() as cancel:
        while True:
            try:
                with ProgressLine() as line:
                    report = watch_once(runtime.shelf, name, folder, runtime.embedder, cancel, line.step)
                if as_json and (report or once):
                    output.json(report or {"version": 1, "changed": False})
                elif report or once:
                    output.text(report_as_text(name, report) if report else f"{name}: nothing has changed.")
            except LibraryBusy as busy:  # an import: the next look will do
                if once:
                    raise
                fail(str(busy), busy.hint)
            if once or cancel.wait(interval):
                return


@app.command()
def delete(
    context: typer.Context,
    name: Name,
    documents: Annotated[list[str], typer.Argument(metavar="ID...", help="Document ids, PMIDs or DOIs.")],
    as_json: JsonOption = False,
) -> None:
    """Delete documents from a library."""
    from core.library.ingest import delete as delete_documents

    output, shelf = Output(), shelf_of(context)
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        before = shelf.info(name).documents
        now = delete_documents(shelf, name, documents, cancel, line.step)
    if as_json:
        output.json({"version": 1, "deleted": before - now.documents, "library": shelf.info(name)})
    else:
        output.text(f"Deleted {before - now.documents:,} of {before:,} documents of \u201c{name}\u201d.")


@app.command("list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the libraries of this computer."""
    output, shelf = Output(), shelf_of(context)
    libraries = [shelf.info(name) for name in shelf.names()]
    if as_json:
        output.json({"version": 1, "libraries": libraries})
    elif not libraries:
        output.text("There is no library yet. Make one: vademecum library add NAME FILE")
    else:
        for info in libraries:
            output.text(
                f"{info.name}: {info.documents:,} documents, {info.chunks:,} passages, "
                f"{human_bytes(info.bytes)}{' (shared, read-only)' if info.shared else ''}"
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
    folder, _ = shelf_of(context).active_version(name)
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
def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a library and all its versions."""
    shelf = shelf_of(context)
    info = shelf.info(name)
    if not yes:
        question = f"Delete the library \u201c{name}\u201d with {info.documents:,} documents?"
        confirm(question, "remove", may_ask=not as_json)
    shelf.remove(name)
    output = Output()
    if as_json:
        output.json({"version": 1, "removed": name, "documents": info.documents})
    else:
        output.text(f"Removed \u201c{name}\u201d.")


for command in (
    care.verify,
    care.versions,
    care.rollback,
    care.revert,
    care.compact,
    care.reports,
    care.copy,
):
    app.command()(command)
app.command("export")(care.export)
app.command("import")(care.import_)


def _columns(given: list[str]) -> dict[str, str]:
    """Read ``title=Article Title`` and the like."""
    columns = {}
    for each in given:
        field, separator, column = each.partition("=")
        if not (separator and field.strip() and column.strip()):
            raise InputUnreadable(f"{each!r} names no column.", "Write --column FIELD=COLUMN.")
        columns[field.strip()] = column.strip()
    return columns


def _document_as_text(document: Document) -> str:
    facts = [
        ", ".join(document.authors),
        ", ".join(part for part in (document.journal, str(document.year or "")) if part),
        f"PMID {document.pmid}" if document.pmid else "",
        f"doi {document.doi}" if document.doi else "",
        "; ".join(document.publication_types),
        f"MeSH: {'; '.join(document.mesh)}" if document.mesh else "",
        f"Keywords: {'; '.join(document.keywords)}" if document.keywords else "",
        "RETRACTED" if document.retracted else "",
        "EXPRESSION OF CONCERN" if document.concern else "",
        "CORRECTED" if document.corrected else "",
        f"From {', '.join(document.sources)}" if document.sources else "",
    ]
    body = [
        (f"{section.label}\n" if section.label else "") + document.text[section.start : section.end]
        for section in document.sections
    ] or [document.text]
    return "\n".join([document.title, *filter(None, facts)]) + "\n\n" + "\n\n".join(body)
