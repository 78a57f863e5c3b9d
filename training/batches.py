"""How rows go through the model: as which tensors.

Where attention can be told where each conversation begins, rows lie end to end and nothing is padded.
Elsewhere they lie one under another: the mask of a flattened batch grows with the square of all its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from training.attention import BOUNDS, LONGEST
from training.data.rows import IGNORED

Rows = Sequence[Mapping[str, Any]]


class Collator:
    """Makes one batch of rows; counts the tokens of those it was asked for in ``tokens``.

    Args:
        pad: the token to pad with.
        flat: lay the rows end to end, and say where each conversation begins.
    """

    def __init__(self, pad: int, *, flat: bool = False) -> None:
        self._pad, self._flat = pad, flat
        self.tokens = 0

    def __call__(self, rows: Rows) -> dict[str, Any]:
        """Return tensors of shape (rows, longest row), or (1, tokens) when flat.

        Positions begin anew with each conversation of a row and with the padding behind it, which is what
        transformers keeps attention within; labels leave out the padding.
        """
        self.tokens += sum(len(row["input_ids"]) for row in rows)
        return _end_to_end(rows) if self._flat else _stacked(rows, self._pad)


def _stacked(rows: Rows, pad: int) -> dict[str, Any]:
    import torch

    longest = max(len(row["input_ids"]) for row in rows)
    batch: dict[str, list[list[int]]] = {"input_ids": [], "labels": [], "position_ids": []}
    for row in rows:
        spare = longest - len(row["input_ids"])
        batch["input_ids"].append([*row["input_ids"], *[pad] * spare])
        batch["labels"].append([*row["labels"], *[IGNORED] * spare])
        batch["position_ids"].append(_positions([*_lengths(row), spare]))
    return {name: torch.tensor(values) for name, values in batch.items()}


def _end_to_end(rows: Rows) -> dict[str, Any]:
    """Return one row of all, with the lengths in the words of transformers and in those of unsloth."""
    import torch

    lengths = [length for row in rows for length in _lengths(row)]
    bounds = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32)
    return {
        "input_ids": torch.tensor([[token for row in rows for token in row["input_ids"]]]),
        "labels": torch.tensor([[label for row in rows for label in row["labels"]]]),
        "position_ids": torch.tensor([_positions(lengths)]),
        BOUNDS: bounds,
        LONGEST: max(lengths),
        "packed_seq_lengths": torch.tensor(lengths, dtype=torch.int32),
    }


def _lengths(row: Mapping[str, Any]) -> list[int]:
    """Return the tokens of each conversation in ``row``."""
    return list(row.get("seq_lengths") or [len(row["input_ids"])])


def _positions(lengths: Sequence[int]) -> list[int]:
    return [place for length in lengths for place in range(length)]
