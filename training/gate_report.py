"""The end of every comparison: measures become a verdict, kept as ``result.json`` of the run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from core.protocol import Judged
from core.tuning.reports import GateReport, Measure, Sample
from core.tuning.runs import Run
from training.gate_statistics import verdict

VERSION = 1  # of ``result.json``


def concluded(
    run: Run,
    current: Path,
    measures: Sequence[Measure],
    samples: Sequence[Sample],
    heldout: int,
    began: float,
) -> Judged:
    """Keep the report of a comparison with the model in ``current`` that ``began`` then, and return it."""
    outcome, reason = verdict(measures, heldout)
    report = GateReport(
        version=VERSION,
        run=run.id,
        current=current.name,
        candidate=run.recipe().name,
        verdict=outcome,
        reason=reason,
        measures=tuple(measures),
        samples=tuple(samples),
        heldout=heldout,
        seconds=time.perf_counter() - began,
    )
    run.write_report(report)
    return Judged(report)
