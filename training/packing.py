"""Token rows as a data set of the trainer, several conversations to a row when packing.

Best-fit decreasing keeps every conversation whole (Ding et al. 2024, arXiv:2404.10830); positions begin anew
with each, from which attention is kept within them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.data.rows import Row


def dataset(rows: Sequence[Row], max_length: int, *, packing: bool) -> Any:
    """Return a ``datasets.Dataset`` of ``input_ids`` and ``labels``, with ``seq_lengths`` when packed."""
    from datasets import Dataset, disable_progress_bars
    from trl.data_utils import pack_dataset

    disable_progress_bars()
    made = Dataset.from_dict(
        {"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]}
    )
    return pack_dataset(made, max_length, "bfd") if packing and len(made) else made
