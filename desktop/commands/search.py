"""``vademecum search``."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import replace
from typing import Annotated

import typer

from core.paths import Home
from core.settings import read_settings
from core.types import Filters, SearchResult
from desktop.commands.answer_text import reference, wrapped
from desktop.commands.console import Output
from desktop.commands.filters import with_filters
from desktop.commands.options import JsonOption, LibraryOption, ModeOption, QuestionArgument


@with_filters
def search(
    context: typer.Context,
    query: QuestionArgument,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 10,
    offset: Annotated[int, typer.Option(min=0, max=100_000, help="Leave out the first ones.")] = 0,
    mode: ModeOption = None,
    library: LibraryOption = None,
    *,
    filters: Filters,
    as_json: JsonOption = False,
) -> None:
    """Show the passages nearest to a question, or what meets title:asthma AND NOT children and the like."""
    from core.generation.packing import checked_question
    from core.retrieval.retriever import search_result
    from core.runtime import Runtime

    output, home = Output(), context.obj
    assert isinstance(home, Home)
    settings = read_settings(home.settings)
    settings = replace(settings, retrieval=replace(settings.retrieval, mode=mode or settings.retrieval.mode))
    text = checked_question(sys.stdin.read() if query == "-" else query, settings.model.context)
    retriever = Runtime(home, settings).retriever(tuple(library or ()) or settings.libraries)
    result = search_result(retriever, text, settings.retrieval, k, filters, offset)
    if as_json:
        output.json(result)
    else:
        output.text(_as_text(result))


def _as_text(result: SearchResult) -> str:
    blocks = [
        f"{hit.rank}. {reference(hit.document)}\n{wrapped(textwrap.shorten(hit.quote, 300), '   ')}"
        for hit in result.hits
    ]
    closing = f"{len(result.hits)} of {result.searched:,} passages, {result.seconds:.2f} s"
    if result.matched is not None:
        closing += f"\n{result.matched:,} documents match {result.understood}"
    return "\n\n".join([*blocks, closing])
