"""A result as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from core.evaluation.plots import plots_of
from core.evaluation.results import AnswersResult, BiasResult, Result, RetrievalResult
from core.evaluation.runs import About, Evaluation
from core.evaluation.tables import cell_text, tables_of
from core.library.storage import storing, write_atomically
from core.paths import resources
from core.types import Rejected

_SHOWN = 100  # rejected records named
TITLES = {
    "retrieval": "Search",
    "answers": "Answers",
    "citations": "Check of citations",
    "bias": "Dependence on the person",
}


def write_report(evaluation: Evaluation, about: About, result: Result) -> None:
    """Write ``report.html`` of a finished evaluation, again if it is there."""
    with storing(evaluation.folder):
        write_atomically(evaluation.report, report_html(evaluation.id, about, result).encode())


def report_html(identifier: str, about: About, result: Result) -> str:
    """Return the report; all that comes from files is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(resources() / "evaluation"), autoescape=True, undefined=StrictUndefined
    )
    rejected = rejected_of(result)
    return environment.get_template(
        "report.html.j2"
    ).render(
        id=identifier,
        title=TITLES[about.kind],
        about=about,
        tables=tables_of(result),
        plots=[(plot, Markup(plot.svg)) for plot in plots_of(result)],  # drawn by ourselves
        rejected=rejected[:_SHOWN],
        more=max(0, len(rejected) - _SHOWN),
        cell=cell_text,
    )


def rejected_of(result: Result) -> tuple[Rejected, ...]:
    """Return the records that could not be used."""
    return result.rejected if isinstance(result, RetrievalResult | AnswersResult | BiasResult) else ()
