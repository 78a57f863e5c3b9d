"""How rows go through the model: as which tensors.

Rows lie one under another, not end to end as TRL lays packed ones: without flash attention, the mask of a
flattened batch grows with the square of all of its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.data.rows import IGNORED


class Collator:
    """Makes one batch of rows; counts the tokens of those it was asked for in ``tokens``."""

    def __init__(self, pad: int) -> None:
        self._pad = pad
        self.tokens = 0

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return tensors of shape (rows, longest row).

        Positions begin anew with each conversation of a row and with the padding behind it, which is what
        transformers keeps attention within; labels leave out the padding.
        """
        import torch

        longest = max(len(row["input_ids"]) for row in rows)
        batch: dict[str, list[list[int]]] = {"input_ids": [], "labels": [], "position_ids": []}
        for row in rows:
            ids, labels = list(row["input_ids"]), list(row["labels"])
            spare = longest - len(ids)
            self.tokens += len(ids)
            batch["input_ids"].append(ids + [self._pad] * spare)
            batch["labels"].append(labels + [IGNORED] * spare)
            lengths = [*(row.get("seq_lengths") or [len(ids)]), spare]
            batch["position_ids"].append([place for length in lengths for place in range(length)])
        return {name: torch.tensor(values) for name, values in batch.items()}
