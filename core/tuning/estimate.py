"""How long a run is, and what it takes."""

from __future__ import annotations

import math

from core.tuning.recipe import SHORT_RUN, TrainingChoice


def steps_of(rows: int, training: TrainingChoice, processes: int = 1) -> int:
    """Return the optimiser steps of a run over ``rows`` rows (packed ones when packing); 0 without any."""
    if rows == 0:
        return 0
    batches = math.ceil(math.ceil(rows / training.batch) / processes)
    steps = math.ceil(training.epochs * math.ceil(batches / training.accumulation))
    return min(steps, training.max_steps) if training.max_steps else steps


def warmup_of(steps: int, training: TrainingChoice) -> int:
    """Return the steps over which the learning rate rises: a tenth of a short run at most."""
    return min(training.warmup_steps, steps // 10) if steps < SHORT_RUN else training.warmup_steps
