"""Our decoding loop beside ``generate`` of transformers: same weights, same prompts, likeliest tokens.

The limits are what this machine could do if reading took nothing but the multiplications of the weights, and
writing nothing but fetching every weight from memory once a token.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.cancel import CancelToken
from core.generation.packing import PackedPrompt, Packer
from core.generation.transformers_engine import TransformersEngine
from core.runtime import Runtime
from core.settings import SamplingSettings
from tests.benchmarks import common

QUESTIONS = 6
REPEATS = 3
TOKENS = 64
# no penalty: generate's looks at the prompt too, so that the texts would differ
GREEDY = SamplingSettings(temperature=0.0, repetition_penalty=1.0, max_new_tokens=TOKENS)


@dataclass(frozen=True, slots=True)
class Run:
    """One answer: its text, seconds to the first token and to the last, and how many there were."""

    text: str
    first: float
    total: float
    tokens: int

    @property
    def written(self) -> float:
        """Tokens written a second, the first one aside."""
        return (self.tokens - 1) / (self.total - self.first)


def compare(report: common.Report, runtime: Runtime, questions: Sequence[str]) -> None:
    """Add the table of both loops, the best of ``REPEATS`` for each question."""
    engine = runtime.engine()
    assert isinstance(engine, TransformersEngine)
    prompts = [_pack(runtime, engine, question) for question in questions[:QUESTIONS]]
    ours: list[list[Run]] = [[] for _ in prompts]
    theirs: list[list[Run]] = [[] for _ in prompts]
    for _ in range(REPEATS):  # in turn, so that neither has the quieter minutes
        for place, prompt in enumerate(prompts):
            ours[place].append(_ours(engine, prompt))
            theirs[place].append(_generate(engine, prompt))
    same = sum(mine[0].text == yours[0].text for mine, yours in zip(ours, theirs, strict=True))
    lengths = [prompt.tokens for prompt in prompts]
    mine, yours = _row(ours, lengths), _row(theirs, lengths)
    report.table(
        f"Greedy, at most {TOKENS} new tokens, {len(prompts)} prompts, best of {REPEATS} each, then medians "
        f"(same text: {same} of {len(prompts)})",
        ("loop", "first token s", "read tokens/s", "written tokens/s", "total s"),
        [
            ("ours", *mine),
            ("peer: transformers generate", *yours),
            ("ours / generate", *(a / b for a, b in zip(mine, yours, strict=True))),
            ("limit of this machine", None, *_limits(engine._model), None),
        ],
    )


def _pack(runtime: Runtime, engine: TransformersEngine, question: str) -> PackedPrompt:
    retriever, settings = runtime.retriever([common.STARTER]), runtime.settings
    passages = retriever.search(question, settings.retrieval, settings.retrieval.passages)
    return Packer(engine, settings).pack(question, passages, ())


def _ours(engine: TransformersEngine, prompt: PackedPrompt) -> Run:
    start = time.perf_counter()
    times, pieces = [], []
    for piece in engine.stream(prompt.messages, GREEDY, 0, CancelToken()):
        times.append(time.perf_counter() - start)
        pieces.append(piece)
    text = "".join(pieces)
    return Run(text, times[0], times[-1], engine.count_tokens(text))


def _generate(engine: TransformersEngine, prompt: PackedPrompt) -> Run:
    import torch

    watch, start = _Watch(), time.perf_counter()
    ids = torch.tensor([engine._chat.prompt_ids(prompt.messages)], device=engine._model.device)
    made = engine._model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        repetition_penalty=1.0,
        max_new_tokens=TOKENS,
        streamer=watch,
    )
    text = engine._tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True)
    times = [at - start for at in watch.times[1:]]  # the first call brings the prompt
    return Run(text, times[0], times[-1], len(times))


class _Watch:
    """A streamer of transformers that notes when each token comes."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def put(self, value: object) -> None:
        self.times.append(time.perf_counter())

    def end(self) -> None:
        pass


def _row(runs: Sequence[Sequence[Run]], lengths: Sequence[int]) -> list[float]:
    """Return seconds to the first token, tokens read and written a second, and seconds in all."""
    first = [min(run.first for run in of_prompt) for of_prompt in runs]
    return [
        statistics.median(first),
        statistics.median(length / took for length, took in zip(lengths, first, strict=True)),
        statistics.median(max(run.written for run in of_prompt) for of_prompt in runs),
        statistics.median(min(run.total for run in of_prompt) for of_prompt in runs),
    ]


def _limits(model: Any) -> tuple[float, float]:
    """Return the tokens a second that could be read, and written, by bare products with matrices."""
    import torch

    weights = [weight for weight in model.parameters() if weight.dim() == 2]
    # the table of words multiplies only the last token of a prompt
    reading = 2 * (sum(weight.numel() for weight in weights) - model.get_input_embeddings().weight.numel())
    side = 2048
    square = torch.rand(side, side, dtype=model.dtype, device=model.device)
    vectors = {
        n: torch.rand(n, dtype=model.dtype, device=model.device) for n in {w.shape[1] for w in weights}
    }
    with torch.inference_mode():
        product = min(_timed(lambda: (square @ square)[0, 0]))
        fetched = min(_timed(lambda: [weight @ vectors[weight.shape[1]] for weight in weights][-1][0]))
    return 2 * side**3 / product / reading, 1 / fetched


def _timed(action: Any, repeats: int = 10) -> Iterator[float]:
    """Yield the seconds of each repetition; taking the number out waits for a GPU to finish."""
    for _ in range(repeats):
        yield common.seconds(lambda: action().item())


if __name__ == "__main__":
    raise SystemExit("Run python -m tests.benchmarks.answers.")
