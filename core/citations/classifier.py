"""Verdicts from a model that reads evidence and claim together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Verdict

_BATCH = 16  # pairs at once
_SPECIAL = 4  # tokens that a model puts around two texts

Probabilities = NDArray[np.float64]  # of supported, untold, contradicted: shape (pairs, 3)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How probabilities are read.

    Attributes:
        temperature: what the outputs are divided by.
        supported, weak: least probability of support for these verdicts; 0 <= weak <= supported <= 1.
    """

    temperature: float = 1.0
    supported: float = 0.5
    weak: float = 0.25


class ClassifierVerifier:
    """A model that gives every pair its probabilities, and the thresholds that make verdicts of them."""

    def __init__(
        self, judge: Callable[[Sequence[str], Sequence[str]], Probabilities], read: Calibration
    ) -> None:
        self._judge = judge
        self._read = read

    def support(self, claims: Sequence[str], evidence: Sequence[str]) -> Sequence[Verdict]:
        """See ``Verifier.support``. Of evidence that is too long the end is cut."""
        if not claims:
            return []
        order = sorted(range(len(claims)), key=lambda at: -len(claims[at]) - len(evidence[at]))
        found: list[Verdict | None] = [None] * len(claims)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            rows = self._judge([claims[at] for at in batch], [evidence[at] for at in batch])
            for at, row in zip(batch, rows, strict=True):
                found[at] = self.verdict(row)
        return [verdict for verdict in found if verdict]

    def verdict(self, row: Sequence[float] | NDArray[np.float64]) -> Verdict:
        """Return the verdict for the probabilities of supported, untold and contradicted."""
        support, untold, against = (float(value) for value in row)
        score = min(1.0, max(0.0, round(support, 4)))
        if against > max(support, untold):
            return Verdict("contradicted", score, ("the model reads the quote as saying the opposite",))
        if support >= self._read.supported:
            return Verdict("supported", score)
        return Verdict("weak" if support >= self._read.weak else "unsupported", score)


class Pairs:
    """A model and the ways of showing it evidence and claim."""

    def __init__(self, model: Any, tokenizer: Any, tokens: int, temperature: float) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._tokens = tokens
        self._temperature = temperature

    def classes(self, evidence: Sequence[str], claims: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities of the classes for pairs of evidence and claim."""
        return self._probabilities(self._both(evidence, claims))

    def joined(self, evidence: Sequence[str], claims: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities of the classes where both are one text, as MiniCheck is shown them."""
        between = self._tokenizer.eos_token or self._tokenizer.sep_token
        texts = [
            f"{self._cut(one, claim)}{between}{claim}" for one, claim in zip(evidence, claims, strict=True)
        ]
        inputs = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._tokens, return_tensors="pt"
        )
        return self._probabilities(inputs)

    def worst_token(self, evidence: Sequence[str], claims: Sequence[str]) -> NDArray[np.float64]:
        """Return for each pair the least probability that a token of the claim is supported."""
        prompts = [f"Summarize the following text:\n{text}\noutput:" for text in evidence]
        inputs = self._both(prompts, claims)
        owners = [inputs.sequence_ids(row) for row in range(len(claims))]
        rows = self._probabilities(inputs)
        return np.array(
            [
                min((row[at, 0] for at, owner in enumerate(owned) if owner == 1), default=0.0)
                for row, owned in zip(rows, owners, strict=True)
            ]
        )

    def _both(self, first: Sequence[str], second: Sequence[str]) -> Any:
        return self._tokenizer(
            list(first),
            list(second),
            padding=True,
            truncation=True,  # the longer of the two first
            max_length=self._tokens,
            return_tensors="pt",
        )

    def _cut(self, evidence: str, claim: str) -> str:
        """Return as much of ``evidence`` as there is room for beside ``claim``."""
        room = max(0, self._tokens - _SPECIAL - len(self._tokenizer(claim)["input_ids"]))
        ends = self._tokenizer(evidence, add_special_tokens=False, return_offsets_mapping=True)[
            "offset_mapping"
        ]
        return evidence if len(ends) <= room else evidence[: ends[room - 1][1] if room else 0]

    def _probabilities(self, inputs: Any) -> NDArray[np.float64]:
        import torch

        with torch.inference_mode():
            logits = self._model(**inputs.to(self._model.device)).logits.float() / self._temperature
            return np.asarray(logits.softmax(-1).cpu().numpy(), np.float64)
