"""Drawing the next token. The same seed draws the same tokens on every device."""

from __future__ import annotations

from typing import Any

from core.errors import ModelUnusable
from core.settings import SamplingSettings


class Sampler:
    """Draws the tokens of one answer.

    The repetition penalty looks at what the model has written, not at the prompt: an answer that rests on
    evidence has to repeat the words of the evidence.
    """

    def __init__(self, settings: SamplingSettings, seed: int) -> None:
        import torch

        self._settings = settings
        self._written: list[int] = []
        # The chance comes from the CPU's generator: those of other devices draw other numbers.
        self._chance = torch.Generator().manual_seed(seed % (1 << 63))

    def pick(self, logits: Any) -> int:
        """Return a token, given the ``logits`` of all of them, of shape (vocabulary,).

        Raises:
            ModelUnusable: the logits are no numbers, as happens when 16 bits do not suffice.
        """
        import torch

        scores = logits.float()
        if not torch.isfinite(scores.max()):
            raise ModelUnusable(
                "The model gave no usable numbers.", "Set its precision to bfloat16 or float32."
            )
        scores = self._penalised(scores)
        token = self._drawn(scores) if self._settings.temperature > 0 else int(scores.argmax())
        self._written.append(token)
        return token

    def _penalised(self, scores: Any) -> Any:
        import torch

        if self._settings.repetition_penalty == 1.0 or not self._written:
            return scores
        seen = torch.tensor(sorted(set(self._written)), device=scores.device)
        value, penalty = scores[seen], self._settings.repetition_penalty
        return scores.scatter(0, seen, torch.where(value < 0, value * penalty, value / penalty))

    def _drawn(self, scores: Any) -> int:
        import torch

        probabilities, tokens = (scores / self._settings.temperature).softmax(-1).sort(descending=True)
        reached = probabilities.cumsum(-1)
        last = int((reached < self._settings.top_p).sum().clamp(max=len(tokens) - 1))
        point = torch.rand((), generator=self._chance).item() * reached[last]
        return int(tokens[int((reached[: last + 1] <= point).sum().clamp(max=last))])
