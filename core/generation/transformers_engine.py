"""The language model, run by transformers: one token after another, in a loop of our own.

A loop of our own rather than ``generate`` in a thread: Stop and closing act between two tokens, errors arrive
where they belong, nothing is left running, and the beginning of a prompt that was read before is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from core.cancel import CancelToken
from core.errors import QuestionRejected
from core.generation.chat import Chat
from core.generation.decoding import TextDecoder, until
from core.generation.engine import Message
from core.generation.loading import Loaded, load, memory_explained
from core.generation.prompts import REFUSAL
from core.generation.sampling import Sampler
from core.settings import ModelSettings, SamplingSettings

BLOCK = 256  # tokens of prompt read at once: Stop acts between blocks, and whole blocks can be kept


class TransformersEngine:
    """A loaded language model (``core.generation.engine.Engine``). One stream at a time."""

    def __init__(self, loaded: Loaded, context: int) -> None:
        self.loaded = loaded  # for those who measure the model rather than ask it
        self._info, self.placement = loaded.info, loaded.placement
        self._model, self._tokenizer = loaded.model, loaded.tokenizer
        self._chat = Chat(loaded.tokenizer)
        self._ends = self._end_tokens()
        self._context = context
        self._read: list[int] = []  # the prompt that the blocks in the cache come from
        self._cache: Any = None

    @classmethod
    def load(cls, folder: Path, settings: ModelSettings, cancel: CancelToken) -> TransformersEngine:
        """Load the model in ``folder``; the context is the setting's, or the model's if that is less.

        Raises:
            Cancelled: stopped while loading.
            ModelUnusable: see ``core.generation.loading.load``.
            OutOfMemory: the model does not fit.
        """
        cancel.check()
        loaded = load(folder, settings)
        cancel.check()
        return cls(loaded, min(settings.context, loaded.info.context or settings.context))

    @property
    def name(self) -> str:
        return self._info.name

    @property
    def context(self) -> int:
        return self._context

    @property
    def end_tokens(self) -> frozenset[int]:
        """Every token that ends an answer."""
        return frozenset(self._ends)

    @cached_property
    def refusal(self) -> list[int]:
        """The tokens of the refusal that models are taught."""
        return list(self._tokenizer(REFUSAL, add_special_tokens=False)["input_ids"])

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return len(self._chat.prompt_ids(messages))

    def logits_after(self, prompt: list[int]) -> Any:
        """Return the logits of the token after ``prompt``; of what was read last only some is read again."""
        return self._read_prompt(prompt, CancelToken())

    def stream(
        self, messages: Sequence[Message], sampling: SamplingSettings, seed: int, cancel: CancelToken
    ) -> Iterator[str]:
        """See ``Engine.stream``. Raises ModelUnusable too, when the model writes no usable numbers."""
        prompt = self._chat.prompt_ids(messages)
        if len(prompt) + 1 > self._context:
            raise QuestionRejected(
                f"The question takes {len(prompt):,} tokens; {self.name} reads {self._context:,}.",
                "Shorten it, or raise the context in the settings.",
            )
        room = min(sampling.max_new_tokens, self._context - len(prompt))
        pieces = self._pieces(prompt, room, Sampler(sampling, seed, self.refusal), cancel)
        return until(pieces, self._chat.stop_text) if self._chat.stop_text else pieces

    def _pieces(self, prompt: list[int], room: int, sampler: Sampler, cancel: CancelToken) -> Iterator[str]:
        decoder = TextDecoder(lambda ids: str(self._tokenizer.decode(ids, skip_special_tokens=True)))
        for token in self._tokens(prompt, room, sampler, cancel):
            if piece := decoder.push(token):
                yield piece
        if rest := decoder.flush():
            yield rest

    def _tokens(self, prompt: list[int], room: int, sampler: Sampler, cancel: CancelToken) -> Iterator[int]:
        """Yield at most ``room`` tokens, until one ends the turn or the job is cancelled."""
        logits = self._read_prompt(prompt, cancel)
        for left in range(room, 0, -1):
            if cancel.cancelled:
                return
            with memory_explained(self._info):
                token = sampler.pick(logits)
            if token in self._ends:
                return
            yield token
            if left > 1 and not cancel.cancelled:
                logits = self._step([token])

    def _read_prompt(self, prompt: list[int], cancel: CancelToken) -> Any:
        """Read ``prompt`` in blocks and return the logits after it; what is cached is not read."""
        start = self._keep_common(prompt)
        self._read = prompt
        logits = None
        for begin in range(start, len(prompt), BLOCK):
            if cancel.cancelled:
                self._read = prompt[:begin]
                break
            logits = self._step(prompt[begin : begin + BLOCK])
        return logits

    def _keep_common(self, prompt: list[int]) -> int:
        """Cut the cache back to the whole blocks that it shares with ``prompt``; return their tokens.

        Only whole blocks, so that every prompt is computed in the same pieces, cached or not: sums of
        floating-point numbers depend on them, and equal seeds must give equal texts.
        """
        from transformers import DynamicCache

        pairs = zip(self._read, prompt[:-1], strict=False)  # at least one token must be read anew
        common = next((i for i, (old, new) in enumerate(pairs) if old != new), None)
        same = min(len(self._read), len(prompt) - 1) if common is None else common
        keep = same - same % BLOCK
        if self._cache is None or keep == 0 or not _can_be_cut(self._cache):
            self._cache = DynamicCache(config=self._model.config)
            return 0
        self._cache.crop(keep - self._cache.get_seq_length())
        return keep

    def _step(self, tokens: list[int]) -> Any:
        """Run the model over ``tokens`` after what the cache holds; return the logits of the next token."""
        import torch

        try:
            with torch.inference_mode(), memory_explained(self._info):
                ids = torch.tensor([tokens], device=self._model.device)
                output = self._model(
                    input_ids=ids, past_key_values=self._cache, use_cache=True, logits_to_keep=1
                )
        except BaseException:
            self._cache, self._read = None, []  # half a step may have been added
            raise
        return output.logits[0, -1]

    def _end_tokens(self) -> set[int]:
        """Collect every token that ends an answer: models name it in any of four places."""
        ends = self._chat.turn_ends()
        for said in (
            self._model.generation_config.eos_token_id,
            self._model.config.eos_token_id,
            self._tokenizer.eos_token_id,
            self._tokenizer.bos_token_id,  # the beginning of something else
        ):
            ends |= set(said) if isinstance(said, list) else {said}
        return ends - {None}


def _can_be_cut(cache: Any) -> bool:
    from transformers.cache_utils import DynamicLayer

    return all(type(layer) is DynamicLayer for layer in cache.layers)
