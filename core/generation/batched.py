"""Several prompts at once, for measuring: what the model would write, and which word it finds likeliest.

Texts are those of ``TransformersEngine.stream`` with the same sampling and seed, but for rounding: padding
makes the sums come out in another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.cancel import CancelToken
from core.generation.chat import Chat
from core.generation.engine import Message
from core.generation.loading import memory_explained
from core.generation.sampling import Sampler
from core.generation.transformers_engine import TransformersEngine
from core.settings import SamplingSettings

Prompt = Sequence[Message]


class Batch:
    """Lists of prompts and one loaded model; rows are filled on the left, so that they end alike."""

    def __init__(self, engine: TransformersEngine) -> None:
        self._engine = engine
        self._model, self._tokenizer = engine.loaded.model, engine.loaded.tokenizer
        self._chat = Chat(self._tokenizer)

    def likeliest(self, prompts: Sequence[Prompt], words: Sequence[str]) -> list[str]:
        """Return for each prompt which of ``words`` the answer most likely begins with.

        Raises:
            OutOfMemory: try fewer prompts.
        """
        import torch

        lead, tokens = first_differing(self._tokenizer, words)
        rows = [[*self._chat.prompt_ids(prompt), *lead] for prompt in prompts]
        if len(rows) == 1:  # most often the prompt that was answered last
            return [words[int(self._engine.logits_after(rows[0])[tokens].argmax())]]
        inputs = self._padded(rows)
        with torch.inference_mode(), memory_explained(self._engine.loaded.info):
            logits = self._model(**inputs, use_cache=False, logits_to_keep=1).logits[:, -1, tokens]
        return [words[place] for place in logits.argmax(-1).tolist()]

    def write(
        self, prompts: Sequence[Prompt], sampling: SamplingSettings, seed: int, cancel: CancelToken
    ) -> list[str]:
        """Return an answer to each prompt.

        Raises:
            OutOfMemory: try fewer prompts.
            Cancelled: between two tokens.
        """
        return self.go_on([self._chat.prompt_ids(prompt) for prompt in prompts], sampling, seed, cancel)

    def go_on(
        self, rows: Sequence[list[int]], sampling: SamplingSettings, seed: int, cancel: CancelToken
    ) -> list[str]:
        """As ``write``, for prompts that are tokens already."""
        import torch

        rooms = [min(sampling.max_new_tokens, self._engine.context - len(row)) for row in rows]
        samplers = [Sampler(sampling, seed, self._engine.refusal) for _ in rows]
        written: list[list[int]] = [[] for _ in rows]
        writing = [room > 0 for room in rooms]
        with torch.inference_mode(), memory_explained(self._engine.loaded.info):
            steps = _Steps(self._model, self._padded(rows))
            while any(writing):
                cancel.check()
                for place in [place for place, goes_on in enumerate(writing) if goes_on]:
                    token = samplers[place].pick(steps.logits[place])
                    ended = token in self._engine.end_tokens
                    if not ended:
                        written[place].append(token)
                    writing[place] = not ended and len(written[place]) < rooms[place]
                if any(writing):
                    steps.add([tokens[-1] if tokens else self._pad() for tokens in written])
        return [self._text(tokens) for tokens in written]

    def _text(self, tokens: list[int]) -> str:
        text = str(self._tokenizer.decode(tokens, skip_special_tokens=True))
        return text.partition(self._chat.stop_text)[0] if self._chat.stop_text else text

    def _pad(self) -> int:
        return pad_token(self._engine)

    def _padded(self, rows: Sequence[list[int]]) -> dict[str, Any]:
        return padded(rows, self._pad(), self._model.device)


class _Steps:
    """A batch being read and then written, one token of every row at a time."""

    def __init__(self, model: Any, inputs: dict[str, Any]) -> None:
        from transformers import DynamicCache

        self._model = model
        self._mask = inputs["attention_mask"]
        self._cache: Any = DynamicCache(config=model.config)
        self.logits = self._run(inputs["input_ids"], inputs["position_ids"])

    def add(self, tokens: list[int]) -> None:
        """Write ``tokens``, one a row; ``logits`` are then those of the next ones."""
        import torch

        ids = torch.tensor([[token] for token in tokens], device=self._mask.device)
        self._mask = torch.cat([self._mask, torch.ones_like(ids)], dim=1)
        self.logits = self._run(ids, self._mask.sum(1, keepdim=True) - 1)

    def _run(self, ids: Any, positions: Any) -> Any:
        output = self._model(
            input_ids=ids,
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[:, -1]


def first_differing(tokenizer: Any, words: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return the tokens that all of ``words``, capitalised, begin with alike, and the next one of each.

    Their likelihoods as the beginning of an answer can then be compared by one token.
    """
    ids = [tokenizer(word.capitalize(), add_special_tokens=False)["input_ids"] for word in words]
    same = next(i for i, column in enumerate(zip(*ids, strict=False)) if len(set(column)) == len(ids))
    return list(ids[0][:same]), [one[same] for one in ids]


def pad_token(engine: TransformersEngine) -> int:
    """Return a token to fill rows with; it is never looked at."""
    pad = engine.loaded.tokenizer.pad_token_id
    return int(pad if pad is not None else next(iter(engine.end_tokens), 0))


def padded(rows: Sequence[list[int]], pad: int, device: Any) -> dict[str, Any]:
    """Return what a model takes for ``rows`` of tokens, filled on the left to one length."""
    import torch

    width = max(len(row) for row in rows)
    ids = torch.tensor([[pad] * (width - len(row)) + row for row in rows], device=device)
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=device)
    return {"input_ids": ids, "attention_mask": mask, "position_ids": (mask.cumsum(1) - 1).clamp(min=0)}
