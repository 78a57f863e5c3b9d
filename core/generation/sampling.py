"""Drawing the next token. The same seed draws the same tokens on every device.

Whether the model refuses is not left to chance: the refusal it was taught is written if the model finds its
beginning likelier than a threshold, and not otherwise, as the null answer of question answering is (Devlin et
al. 2019). Drawn freely it would come where the model is in doubt, and fail to come where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import ModelUnusable
from core.settings import SamplingSettings


class Sampler:
    """Draws the tokens of one answer.

    The repetition penalty looks at what the model has written, not at the prompt: an answer that rests on
    evidence has to repeat the words of the evidence.

    Args:
        refusal: the tokens of the refusal that models are taught; the first two tell it from an answer.
    """

    def __init__(self, settings: SamplingSettings, seed: int, refusal: Sequence[int] = ()) -> None:
        import torch

        self._settings = settings
        self._refusal = tuple(refusal[:2])
        self._likely = 1.0  # of the refusal, as far as it has been written
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
        token, scores = self._refusing(scores)
        if token is None:
            scores = self._penalised(scores)
            token = self._drawn(scores) if self._settings.temperature > 0 else int(scores.argmax())
        self._written.append(token)
        return token

    def _refusing(self, scores: Any) -> tuple[int | None, Any]:
        """Return the refusal's next token if it must come, and ``scores`` without it where it must not."""
        import torch

        place = len(self._written)
        if self._settings.refuse_at == 0 or place >= len(self._refusal):
            return None, scores
        if tuple(self._written) != self._refusal[:place]:
            return None, scores
        token = self._refusal[place]
        self._likely *= float(scores.softmax(-1)[token])
        if self._likely >= self._settings.refuse_at:
            return token, scores
        if place:  # the first token may begin an answer as well
            scores = scores.index_fill(0, torch.tensor([token], device=scores.device), -torch.inf)
        return None, scores

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
