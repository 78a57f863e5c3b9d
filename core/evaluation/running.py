"""An evaluation from its plan to its report, and a stopped one from where it stopped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core import __version__
from core.assets.receipt import file_sha256
from core.cancel import CancelToken
from core.errors import InputUnreadable, RunUnusable
from core.evaluation.answers import measure_answers
from core.evaluation.bias import measure_bias
from core.evaluation.checking import measure_citations
from core.evaluation.indexes import index_name
from core.evaluation.job import Job
from core.evaluation.plans import KINDS, AnswersPlan, BiasPlan, CitationsPlan, Plan, RetrievalPlan
from core.evaluation.report import write_report
from core.evaluation.results import Result
from core.evaluation.retrieval import measure_retrieval
from core.evaluation.runs import SCHEMA, About, Evaluation, Evaluations
from core.paths import resources
from core.progress import Progress
from core.registry import find_model
from core.replies import NOTICE
from core.retrieval.embedder import fingerprint_of
from core.runtime import Runtime
from core.settings import Settings

VIGNETTES = "vignettes.jsonl"


class Evaluator:
    """Runs evaluations, one at a time, with the models of ``runtime`` where the plan names no others."""

    def __init__(self, runtime: Runtime, cancel: CancelToken, tell: Progress) -> None:
        self._runtime = runtime
        self._cancel = cancel
        self._tell = tell
        self._evaluations = Evaluations(runtime.home.evaluations)
        self.current = ""  # id of the evaluation that was begun last

    def run(self, plan: Plan) -> Evaluation:
        """Make a new evaluation and carry it out.

        Raises:
            AppError: a file or model of the plan cannot be used; nothing is kept unless it had begun.
            Cancelled: it was stopped; ``resume`` goes on.
        """
        return self._carry_out(self._evaluations.create(self._about(_absolute(plan))))

    def resume(self, identifier: str) -> Evaluation:
        """Go on with a stopped evaluation, or write the report of a finished one anew.

        Raises:
            RunUnusable: there is none of that name, it is being worked on, or its files have changed.
            AppError, Cancelled: as ``run``.
        """
        evaluation = self._evaluations.get(identifier)
        about = evaluation.about()
        for path, digest in about.inputs.items():
            if self._digest(Path(path)) != digest:
                raise RunUnusable(
                    f"{path} has changed since the evaluation {evaluation.id} began.",
                    "Begin a new evaluation, so that all its items are of one file.",
                )
        return self._carry_out(evaluation)

    def _about(self, plan: Plan) -> About:
        settings = self._settings(plan)
        inputs = {str(path): self._digest(path) for path in _files(plan)}
        index = ""
        if isinstance(plan, RetrievalPlan):
            index = self._index({plan.corpus: inputs[plan.corpus]}, settings)
        elif isinstance(plan, AnswersPlan) and {"retrieved", "withheld"} & {*plan.settings}:
            index = self._index({path: inputs[path] for path in (plan.dataset, *plan.corpus)}, settings)
        return About(
            version=SCHEMA,
            kind=KINDS[type(plan)],
            options=msgspec.to_builtins(plan),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            program=__version__,
            models=_models(plan, settings),
            inputs=inputs,
            notice=NOTICE,
            index=index,
            settings=settings,
        )

    def _settings(self, plan: Plan) -> Settings:
        """Return the user's settings, with the model of ``plan``, and answers that are repeatable."""
        settings = self._runtime.settings
        if isinstance(plan, AnswersPlan | BiasPlan):
            named = plan.model or settings.model.language
            find_model(self._runtime.home, named, "language")  # says at once if there is none
            sampling = replace(settings.sampling, temperature=0.0, answers=1)
            settings = replace(settings, sampling=sampling, model=replace(settings.model, language=named))
        return settings

    def _index(self, inputs: dict[str, str], settings: Settings) -> str:
        folder = find_model(self._runtime.home, settings.model.embedder, "embedder")
        return index_name(inputs, fingerprint_of(folder))

    def _digest(self, path: Path) -> str:
        try:
            return file_sha256(path, self._cancel)
        except OSError as error:
            raise InputUnreadable(
                f"Cannot read {path}: {error.strerror or error}.", "Check the path for typing errors."
            ) from None

    def _carry_out(self, evaluation: Evaluation) -> Evaluation:
        self.current = evaluation.id
        with evaluation.lock():
            about = evaluation.about()
            if (result := evaluation.result()) is None:
                runtime = self._with(about.settings)
                done = {str(item["key"]): item for item in evaluation.items()}
                with evaluation.writing() as file:
                    indexes = self._evaluations.indexes
                    job = Job(runtime, evaluation, indexes, self._cancel, self._tell, file, done)
                    result = _measured(job, about)
                evaluation.write_result(result)
            write_report(evaluation, about, result)
        return evaluation

    def _with(self, settings: Settings) -> Runtime:
        """Return a runtime under ``settings``: the one there is, if it has the same models."""
        if self._runtime.settings.model != settings.model:
            return Runtime(self._runtime.home, settings)
        self._runtime.settings = settings
        return self._runtime


def _measured(job: Job, about: About) -> Result:
    match about.plan:
        case RetrievalPlan() as plan:
            return measure_retrieval(job, plan, about.index)
        case AnswersPlan() as plan:
            return measure_answers(job, plan, about.index)
        case CitationsPlan() as plan:
            return measure_citations(job, plan)
        case BiasPlan() as plan:
            return measure_bias(job, plan)


def _absolute(plan: Plan) -> Plan:
    """Return ``plan`` with whole paths, so that it means the same from any folder."""
    match plan:
        case RetrievalPlan():
            return replace(
                plan, corpus=_path(plan.corpus), queries=_path(plan.queries), qrels=_path(plan.qrels)
            )
        case AnswersPlan():
            corpus = tuple(_path(path) for path in plan.corpus)
            return replace(plan, dataset=_path(plan.dataset), corpus=corpus, ids=plan.ids and _path(plan.ids))
        case CitationsPlan():
            return replace(plan, claims=_path(plan.claims))
        case BiasPlan():
            ours = str(resources() / "evaluation" / VIGNETTES)
            return replace(plan, templates=_path(plan.templates) if plan.templates else ours)


def _path(given: str) -> str:
    return str(Path(given).expanduser().absolute())


def _files(plan: Plan) -> Iterable[Path]:
    match plan:
        case RetrievalPlan():
            named: tuple[str, ...] = (plan.corpus, plan.queries, plan.qrels)
        case AnswersPlan():
            named = (plan.dataset, *plan.corpus, *([plan.ids] if plan.ids else []))
        case CitationsPlan():
            claims = Path(plan.claims)
            named = (plan.claims, str(claims.parent / f"corpus{claims.suffix}"))
        case BiasPlan():
            named = (plan.templates,)
    return [Path(name) for name in dict.fromkeys(named)]


def _models(plan: Plan, settings: Settings) -> dict[str, str]:
    model = settings.model
    models = {"embedder": model.embedder, "verifier": model.verifier or "minilm-scifact"}
    if isinstance(plan, AnswersPlan | BiasPlan):
        models["language"] = model.language
    if isinstance(plan, RetrievalPlan):
        del models["verifier"]
        if model.reranker:
            models["reranker"] = model.reranker
    return models
