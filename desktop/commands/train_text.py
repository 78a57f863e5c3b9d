"""Reports of training as text for a terminal."""

from __future__ import annotations

from core.protocol import TrainingStep
from core.tuning.reports import DataReport, GateReport, Spread
from core.tuning.runs import RunInfo

_SHOWN = 10  # of each kind of remark; --json has all
_NAMES = {"new": "begun", "judged": "finished"}


def data_as_text(report: DataReport) -> str:
    """Return what would be learned, and what is wrong with the data."""
    lines = [
        *(
            f"{source.path}: {source.entries:,} entries read as {source.format}, "
            f"{source.rejected:,} cannot be used"
            for source in report.sources
        ),
        "",
        f"{report.used:,} of {report.entries:,} entries are used; {report.conversations:,} conversations, "
        f"{report.train:,} to train on and {report.validation:,} held out; {report.refusals:,} are refusals.",
        f"{report.rows:,} rows of {report.max_length:,} tokens for {report.base}; the loss is taken on "
        f"{report.trained_tokens:,} of {report.all_tokens:,} tokens.",
        f"{report.truncated:,} conversations lose evidence, {report.untrained:,} are too long to be used.",
        "",
        f"{'tokens':<14}{'mean':>8}{'median':>8}{'p95':>8}{'longest':>9}",
        *(
            _spread(name, spread)
            for name, spread in (
                ("context", report.context),
                ("question", report.question),
                ("answer", report.answer),
                ("conversation", report.conversation),
            )
        ),
        "",
        "classes: " + (", ".join(f"{name} {count:,}" for name, count in report.classes.items()) or "none"),
        f"diversity: {report.diversity.documents:,} documents, distinct words "
        f"{report.diversity.distinct_1:.2f}, distinct pairs {report.diversity.distinct_2:.2f}",
        *_remarks(
            "in a known test set, left out",
            [f"{x.file}, record {x.record}: {x.test_set}, by {x.by}" for x in report.leaks],
        ),
        *_remarks(
            "repeated, left out",
            [
                f"{x.file}, record {x.record}: as {x.first_file}, record {x.first_record}"
                for x in report.duplicates
            ],
        ),
        *_remarks(
            "that may be personal data",
            [f"{x.file}, record {x.record}: {x.kind} in the {x.field} ({x.shown})" for x in report.personal],
        ),
        *_remarks(
            "that cannot be used", [f"{x.file}, record {x.record}: {x.reason}" for x in report.rejected]
        ),
    ]
    return "\n".join(lines)


def run_as_text(info: RunInfo, report: GateReport | None, used: bool = False) -> str:
    """Return where a run stands, the comparison with the current model, and what can be done next."""
    state = _NAMES.get(info.state, info.state)
    lines = [f"{info.id}: {state}, step {info.step:,} of {info.steps:,}, from {info.base}"]
    lines += [info.message] if info.message else []
    if report:
        lines += ["", f"{report.verdict.capitalize()}: {report.reason}", *measures_as_text(report)]
    if next_step := _next(info, used):
        lines += ["", next_step]
    return "\n".join(lines)


def measures_as_text(report: GateReport) -> list[str]:
    """Return a table of before and after."""
    width = max((len(measure.name) for measure in report.measures), default=0)
    lines = [f"{'':<{width}}  {report.current[:12]:>12}  {report.candidate[:12]:>12}  95 % of the difference"]
    for measure in report.measures:
        bounds = ""
        if measure.low is not None and measure.high is not None:
            bounds = f"  {measure.low:+.3f} to {measure.high:+.3f}"
        figures = f"{_figure(measure.before):>12}  {_figure(measure.after):>12}"
        lines.append(f"{measure.name:<{width}}  {figures}{bounds}")
    return lines


def step_as_text(step: TrainingStep) -> str:
    """Return the loss and the speed after a step, as the end of "12 of 60 steps"."""
    parts = ["steps"]
    parts += [f"loss {step.loss:.3f}"] if step.loss is not None else []
    parts += [f"{step.tokens_per_s:,.0f} tokens/s"] if step.tokens_per_s else []
    parts += [f"{duration(step.eta_s)} left"] if step.eta_s else []
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return a time in words, such as "4 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _next(info: RunInfo, used: bool) -> str:
    if used:
        return "Its model is in use. Back to the one before: vademecum train revert"
    if info.state == "judged":
        insist = " --insist" if info.verdict == "worse" else ""
        return f"Take it into use: vademecum train activate {info.id}{insist}"
    return f"Go on: vademecum train run --resume {info.id}" if info.state != "training" else ""


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _spread(name: str, spread: Spread) -> str:
    figures = f"{spread.mean:>8,.0f}{spread.median:>8,.0f}{spread.p95:>8,.0f}{spread.longest:>9,}"
    return f"{name:<14}{figures}"


def _remarks(what: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = [f"  and {len(lines) - _SHOWN:,} more; --json lists all"] if len(lines) > _SHOWN else []
    return ["", f"{len(lines):,} {what}:", *(f"  {line}" for line in lines[:_SHOWN]), *more]
