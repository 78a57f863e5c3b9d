"""``vademecum ask``."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from core.errors import SettingsInvalid
from core.paths import Home
from core.protocol import Answered, Status, Token
from core.replies import Question
from core.settings import Settings, checked, settings_of
from core.types import Answer, Filters, Mode, SearchMode
from desktop.commands.answer_export import check_export, write_export
from desktop.commands.answer_text import as_text
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt
from desktop.commands.filters import with_filters
from desktop.commands.options import JsonOption, LibraryOption, ModeOption, QuestionArgument


@with_filters
def ask(
    context: typer.Context,
    question: QuestionArgument,
    library: LibraryOption = None,
    no_retrieval: Annotated[
        bool, typer.Option("--no-retrieval", help="Ask the model alone, without sources.")
    ] = False,
    mode: ModeOption = None,
    temperature: Annotated[
        float | None, typer.Option(min=0.0, max=2.0, help="0 always takes the likeliest word.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(min=0.001, max=1.0, help="Share of probability kept.")
    ] = None,
    max_new_tokens: Annotated[int | None, typer.Option(min=1, max=8192, help="Longest answer.")] = None,
    answers: Annotated[int | None, typer.Option(min=1, max=8, help="How many answers to write.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Makes the answer repeatable.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Name or folder of the language model.")
    ] = None,
    purpose: Annotated[
        Mode, typer.Option("--as", help="What the answer is for: review lists the studies that were found.")
    ] = "research",
    evidence_only: Annotated[
        bool, typer.Option("--evidence-only", help="Show quotes alone; no language model is loaded.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write the studies of a review (.csv, .md) or a leaflet (.md)."
        ),
    ] = None,
    signed_by: Annotated[
        str, typer.Option(metavar="NAME", help="The clinician who checked a leaflet before it is written.")
    ] = "",
    *,
    filters: Filters,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from a library, with citations."""
    output, home = Output(), context.obj
    assert isinstance(home, Home)
    check_export(export, purpose, signed_by)
    settings = _with_options(settings_of(home), mode, temperature, top_p, max_new_tokens, answers, model)
    home.policy.must_keep(settings)
    text = sys.stdin.read() if question == "-" else question
    names = () if no_retrieval else tuple(library or ()) or settings.libraries
    seed = secrets.randbelow(2**31) if seed is None else seed
    asked = Question(text, (), seed, filters, purpose, evidence_only)
    answer = _answer(home, settings, asked, names)
    if as_json:
        output.json(answer)
    else:
        output.text(as_text(answer))
    if export:
        write_export(export, answer, signed_by)


def _with_options(
    settings: Settings,
    mode: SearchMode | None,
    temperature: float | None,
    top_p: float | None,
    max_new_tokens: int | None,
    answers: int | None,
    model: str | None,
) -> Settings:
    sampling = {
        "temperature": temperature,
        "top_p": top_p,
        "max_new_tokens": max_new_tokens,
        "answers": answers,
    }
    given = {name: value for name, value in sampling.items() if value is not None}
    changed = replace(
        settings,
        sampling=replace(settings.sampling, **given),  # type: ignore[arg-type]
        retrieval=replace(settings.retrieval, mode=mode or settings.retrieval.mode),
        model=replace(settings.model, language=model or settings.model.language),
    )
    return checked(changed)


def _answer(home: Home, settings: Settings, asked: Question, libraries: Sequence[str]) -> Answer:
    """Run the assistant, showing its progress and its words on standard error when somebody is watching."""
    from core.runtime import Runtime

    runtime = Runtime(home, settings)
    retriever = runtime.retriever(libraries) if libraries else None
    watched = sys.stderr.isatty()
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        for event in runtime.assistant().answer(asked, retriever, cancel):
            match event:
                case Status(text) if watched:
                    line.say(f"{text} ...")
                case Token(text) if watched:
                    print(text, end="", flush=True, file=sys.stderr)
                case Answered(answer):
                    if watched:
                        print("\n", file=sys.stderr)
                    return answer
    raise SettingsInvalid("The model gave no answer.")  # pragma: no cover: the assistant always answers
