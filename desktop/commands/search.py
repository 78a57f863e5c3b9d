"""``vademecum search``: on the terminal, or into a file."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.paths import Home
from core.settings import settings_of
from core.types import Filters, Hit, SearchResult
from desktop.commands.answer_text import reference, wrapped
from desktop.commands.console import Output, progress
from desktop.commands.filters import with_filters
from desktop.commands.options import EventsOption, JsonOption, LibraryOption, ModeOption, QuestionArgument

if TYPE_CHECKING:
    from core.retrieval.retriever import Retriever

_PAGE = 1000  # passages that are asked for at once
_MOST = 50_000  # passages that are looked at for one file

Pages = Callable[[int, int], SearchResult]  # how many passages, after how many
Step = Callable[[str, int, int | None], None]  # what is done, how many records, of how many


@with_filters
def search(
    context: typer.Context,
    query: QuestionArgument,
    k: Annotated[
        int | None, typer.Option("-k", min=1, max=1000, help="How many passages: 10 unless exported.")
    ] = None,
    offset: Annotated[int, typer.Option(min=0, max=100_000, help="Leave out the first ones.")] = 0,
    mode: ModeOption = None,
    library: LibraryOption = None,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the documents to a .ris, .csv or .md file: all that match, or those of the best "
            "1000 passages where the query is in plain language.",
        ),
    ] = None,
    *,
    filters: Filters,
    events: EventsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the passages nearest to a question, or what meets title:asthma AND NOT children and the like."""
    from core.generation.packing import checked_question
    from core.retrieval.exporting import check_name
    from core.retrieval.retriever import search_result
    from core.runtime import Runtime

    output, home = Output(), context.obj
    assert isinstance(home, Home)
    settings = settings_of(home)
    settings = replace(settings, retrieval=replace(settings.retrieval, mode=mode or settings.retrieval.mode))
    home.policy.must_keep(settings)
    text = checked_question(sys.stdin.read() if query == "-" else query, settings.model.context)
    if export is not None:
        check_name(export)
    retriever = Runtime(home, settings).retriever(tuple(library or ()) or settings.libraries)

    def pages(size: int, first: int) -> SearchResult:
        return search_result(retriever, text, settings.retrieval, size, filters, first)

    if export is not None:
        with progress(events) as (cancel, tell):

            def step(name: str, done: int, total: int | None) -> None:
                tell(name, done, total, "records")
                cancel.check()

            hits, whole = _all_hits(pages, k, offset, step)
            count = _export(export, retriever, text, filters, hits, step)
        told = {"version": 1, "file": str(export), "documents": count, "complete": whole}
        more = "" if whole else f" There are more: these are from the first {len(hits):,} passages."
        output.json(told) if as_json else output.text(f"Wrote {count:,} documents to {export}.{more}")
    else:
        result = pages(k or 10, offset)
        output.json(result) if as_json else output.text(_as_text(result))


def _all_hits(pages: Pages, k: int | None, offset: int, step: Step) -> tuple[list[Hit], bool]:
    """Return the hits to export, and whether there are no others that match.

    They are all that match, up to a limit. Of plain language, which everything matches a little, the best.
    """
    size = k or _PAGE
    step("find", 0, None)
    result = pages(size, offset)
    hits = list(result.hits)
    while k is None and result.matched is not None and len(result.hits) == size and len(hits) < _MOST:
        found = len({hit.document.id for hit in hits})
        step("find", found, max(found, result.matched - offset))
        result = pages(size, offset + len(hits))
        hits += result.hits
    return hits, result.matched is None or len(result.hits) < size


def _export(
    file: Path, retriever: Retriever, query: str, filters: Filters, hits: Sequence[Hit], step: Step
) -> int:
    """Write the documents of ``hits`` to ``file``; return how many they are."""
    from core.retrieval.exporting import ResultList, in_words, listed, write_results

    stores = {library.ref.name: library.store for library in retriever.libraries}
    documents = listed(hits, lambda ref: stores[ref.library].document(ref.id))
    results = ResultList(query, in_words(filters), tuple(stores), documents)
    write_results(file, results, lambda done, total: step("write", done, total))
    return len(documents)


def _as_text(result: SearchResult) -> str:
    blocks = [
        f"{hit.rank}. {reference(hit.document)}\n{wrapped(textwrap.shorten(hit.quote, 300), '   ')}"
        for hit in result.hits
    ]
    closing = f"{len(result.hits)} of {result.searched:,} passages, {result.seconds:.2f} s"
    if result.matched is not None:
        closing += f"\n{result.matched:,} documents match {result.understood}"
    return "\n\n".join([*blocks, closing])
