"""``vademecum evaluate``: measure search, answers, the check of citations, and whom answers depend on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar, get_args

import typer

from core.cancel import Cancelled
from core.errors import InputUnreadable
from core.evaluation.plans import (
    AnswersPlan,
    BiasPlan,
    CitationsPlan,
    DatasetFormat,
    Plan,
    RetrievalPlan,
    Setting,
)
from core.evaluation.runs import Evaluation
from core.paths import Home
from core.settings import settings_of
from core.types import SearchMode
from desktop.commands import evaluate_experts
from desktop.commands.console import Output, ProgressLine, cancel_on_interrupt
from desktop.commands.evaluate_runs import Id, compare, delete, list_, show, tell
from desktop.commands.options import JsonOption

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Measure the program on data sets, and write reports.")
app.command("list")(list_)
app.command()(show)
app.command()(compare)
app.command()(delete)
app.add_typer(evaluate_experts.app, name="experts")

LimitOption = Annotated[int | None, typer.Option(min=1, metavar="N", help="Only so many, drawn by --seed.")]
SeedOption = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Draws the same ones again.")]
ModelOption = Annotated[str, typer.Option(metavar="FOLDER", help="Name or folder of the language model.")]
BatchOption = Annotated[int, typer.Option(min=0, max=512, help="Answers written at a time; 0 chooses.")]


@app.command()
def retrieval(
    context: typer.Context,
    corpus: Annotated[Path, typer.Option(metavar="FILE", help="Documents as JSON lines (BEIR).")],
    queries: Annotated[Path, typer.Option(metavar="FILE", help="Queries as JSON lines (BEIR).")],
    qrels: Annotated[Path, typer.Option(metavar="FILE", help="Table of query, document and relevance.")],
    modes: Annotated[str, typer.Option(help="Separated by commas.")] = "hybrid,dense,lexical",
    limit: LimitOption = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure how well documents are found: nDCG@10, Recall@100, MRR@10, milliseconds."""
    known = _known([name.strip() for name in modes.split(",")], get_args(SearchMode), "search mode")
    _carry_out(context, RetrievalPlan(str(corpus), str(queries), str(qrels), known, limit, seed), as_json)


@app.command()
def answers(
    context: typer.Context,
    dataset: Annotated[Path, typer.Option(metavar="FILE", help="Questions with their answers.")],
    format: Annotated[DatasetFormat, typer.Option(help="Of the questions.")],
    setting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(get_args(Setting)),
            help="Where passages come from; repeat it for several. Without it: gold and none.",
        ),
    ] = None,
    corpus: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="More documents to search among; repeatable.")
    ] = None,
    model: ModelOption = "",
    ids: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Only these questions: JSON, or an id a line.")
    ] = None,
    kind: Annotated[str, typer.Option(help="Only such questions: yesno, factoid, list, summary.")] = "",
    limit: LimitOption = None,
    seed: SeedOption = 0,
    batch: BatchOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure answers: accuracy, citations, refusals, words, reading grade, seconds."""
    plan = AnswersPlan(
        dataset=str(dataset),
        format=format,
        settings=_known(setting or ["gold", "none"], get_args(Setting), "setting"),
        corpus=tuple(map(str, corpus or ())),
        model=model,
        ids=str(ids) if ids else "",
        kind=kind,
        limit=limit,
        seed=seed,
        batch=batch,
    )
    _carry_out(context, plan, as_json)


@app.command()
def citations(
    context: typer.Context,
    claims: Annotated[Path, typer.Option(metavar="FILE", help="SciFact's claims; the corpus beside them.")],
    verifier: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="rules, cosine, default, or a model's name or folder; repeatable."),
    ] = None,
    limit: LimitOption = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure how well supported claims are told from others."""
    _carry_out(context, CitationsPlan(str(claims), tuple(verifier or ()), limit, seed), as_json)


@app.command()
def bias(
    context: typer.Context,
    templates: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Vignettes; without it those that came along.")
    ] = None,
    model: ModelOption = "",
    limit: LimitOption = None,
    seed: SeedOption = 0,
    batch: BatchOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure whether answers change with age, sex, ethnicity, language or income of the person."""
    _carry_out(context, BiasPlan(str(templates) if templates else "", model, limit, seed, batch), as_json)


@app.command()
def resume(context: typer.Context, run_id: Id, as_json: JsonOption = False) -> None:
    """Go on with an evaluation that was stopped."""
    _carry_out(context, run_id, as_json)


def _known(names: list[str], known: tuple[T, ...], what: str) -> tuple[T, ...]:
    """Return ``names`` in the order of ``known``; raise InputUnreadable for one that is not in it."""
    if wrong := [name for name in names if name not in known]:
        raise InputUnreadable(
            f"There is no {what} {wrong[0]!r}.", f"Choose among {', '.join(map(str, known))}."
        )
    return tuple(one for one in known if one in names)


def _carry_out(context: typer.Context, asked: Plan | str, as_json: bool) -> None:
    """Run a plan, or go on with the evaluation of that id, and print what it came to."""
    from core.evaluation.running import Evaluator
    from core.runtime import Runtime

    output, home = Output(), context.obj
    assert isinstance(home, Home)
    runtime = Runtime(home, settings_of(home))
    with cancel_on_interrupt() as cancel, ProgressLine() as line:
        evaluator = Evaluator(runtime, cancel, line.step)
        work: Callable[[], Evaluation] = (
            (lambda: evaluator.resume(asked)) if isinstance(asked, str) else (lambda: evaluator.run(asked))
        )
        try:
            done = work()
        except Cancelled:
            line.say(f"Stopped. Go on with: vademecum evaluate resume {evaluator.current}")
            raise
    tell(output, done, as_json)
