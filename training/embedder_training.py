"""Training a sentence-transformers model on couples of question and passage, and keeping it."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.cancel import CancelToken
from core.library.storage import flush, storing
from core.retrieval.embedder import simple_plan
from core.retrieval.encoding import EncodingRules, rules_of
from core.tuning.recipe import EmbedderRecipe
from core.tuning.runs import Run
from training.callbacks import Reporter
from training.gauges import Gauges
from training.room import memory_explained
from training.streaming import Emit

Rows = Sequence[tuple[str, ...]]
_CONFIGURATION = {".json", ".txt", ".model"}  # of a model folder: all but weights and prose


def device() -> str:
    """Return where to train and encode."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def steps_of(rows: int, recipe: EmbedderRecipe) -> int:
    """Return how many optimiser steps ``rows`` couples make."""
    if recipe.max_steps:
        return recipe.max_steps
    return max(1, math.ceil(recipe.epochs * math.ceil(rows / recipe.batch)))


def fit(
    base: Path,
    rows: Sequence[tuple[str, ...]],
    recipe: EmbedderRecipe,
    run: Run,
    cancel: CancelToken,
    emit: Emit,
) -> None:
    """Train the model in ``base`` and keep it as ``run.merged``; nothing is kept if it was stopped.

    Args:
        rows: question, passage that answers it, and wrong passages, equally many in each.

    Raises:
        OutOfMemory: nothing is kept.
        RunUnusable: the loss is no number any more.
    """
    from transformers import set_seed

    set_seed(recipe.seed)
    with memory_explained():
        model = _load(base)
        longest = model.max_seq_length
        model.max_seq_length = min(recipe.max_tokens, longest or recipe.max_tokens)
        trainer = _trainer(model, _as_encoded(rows, rules_of(base)), recipe, run, cancel, emit)
        trainer.train()
        shutil.rmtree(_scratch(run), ignore_errors=True)
        if not cancel.cancelled:
            model.max_seq_length = longest  # the app may cut passages elsewhere than the training did
            _keep(model, base, run)


def _as_encoded(rows: Rows, rules: EncodingRules) -> Rows:
    """Put before each text what the app puts there when it embeds it."""
    query, passage = rules.query_prefix, rules.passage_prefix
    return [(query + asked, *(passage + text for text in passages)) for asked, *passages in rows]


class _Stop:
    """Ends the training between two steps once it is cancelled."""

    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *_, **__: None

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """See whether to go on."""
        control.should_training_stop = control.should_training_stop or self._cancel.cancelled


def _load(base: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(base),
        device=device(),
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
    )


def _trainer(
    model: Any,
    rows: Sequence[tuple[str, ...]],
    recipe: EmbedderRecipe,
    run: Run,
    cancel: CancelToken,
    emit: Emit,
) -> Any:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.training_args import BatchSamplers
    from transformers import PrinterCallback

    total = steps_of(len(rows), recipe)
    callbacks: list[Any] = [_Stop(cancel), Reporter(total, emit, Gauges())]
    names = ["anchor", "positive", *(f"negative_{n}" for n in range(1, len(rows[0]) - 1))]
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(_scratch(run)),
        per_device_train_batch_size=recipe.batch,
        max_steps=total,
        learning_rate=recipe.learning_rate,
        warmup_steps=round(recipe.warmup_share * total),
        batch_sampler=BatchSamplers.NO_DUPLICATES,  # else a right passage could stand as a wrong one
        seed=recipe.seed,
        use_cpu=device() == "cpu",
        save_strategy="no",
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict(columns),
        loss=MultipleNegativesRankingLoss(model),
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _scratch(run: Run) -> Path:
    return run.folder / ".trainer"


def _keep(model: Any, base: Path, run: Run) -> None:
    """Save ``model`` beside its place and rename it there, so that a kill leaves all of it or nothing."""
    aside = run.folder / ".merged"
    with storing(run.folder):
        shutil.rmtree(aside, ignore_errors=True)
        if simple_plan(base):  # the encoding rules as they were, byte for byte
            _copy_configuration(base, aside)
            _say_prefixes(rules_of(base), aside)
            model[0].auto_model.save_pretrained(aside, safe_serialization=True)
        else:
            model.save_pretrained(str(aside), create_model_card=False, safe_serialization=True)
        flush(path for path in aside.rglob("*") if path.is_file())
        flush([aside])
        aside.rename(run.merged)
        flush([run.folder])


def _copy_configuration(base: Path, target: Path) -> None:
    for path in base.rglob("*"):
        relative = path.relative_to(base)
        if path.suffix in _CONFIGURATION and path.name not in ("asset.json", "model.safetensors.index.json"):
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / relative)


def _say_prefixes(rules: EncodingRules, folder: Path) -> None:
    """Write the prefixes of ``rules`` into the model ``folder`` if only the name of the base told them."""
    now = rules_of(folder)
    if (now.query_prefix, now.passage_prefix) == (rules.query_prefix, rules.passage_prefix):
        return
    path = folder / "config_sentence_transformers.json"
    config = json.loads(path.read_bytes()) if path.exists() else {}
    config["prompts"] = {"query": rules.query_prefix, "document": rules.passage_prefix}
    path.write_text(json.dumps(config, indent=2), "utf-8")
