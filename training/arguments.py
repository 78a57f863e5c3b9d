"""The recipe in the words of the trainer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.tuning.estimate import warmup_of
from core.tuning.recipe import Recipe
from training.compute import Compute, optimiser_name

_SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


def arguments(
    recipe: Recipe, folder: Path, total: int, at_once: int, compute: Compute, *, offload: bool = False
) -> Any:
    """Return the ``SFTConfig`` of a run.

    Args:
        folder: of the run.
        total: steps.
        at_once: rows that go through the model at once, a divisor of those of a step.
        offload: hold the inputs of layers in main memory until the way back.
    """
    import trl

    training = recipe.training
    return trl.SFTConfig(  # type: ignore[attr-defined]
        output_dir=str(folder),
        max_steps=total,
        per_device_train_batch_size=at_once,
        per_device_eval_batch_size=at_once,
        gradient_accumulation_steps=training.batch * training.accumulation // at_once,
        learning_rate=training.learning_rate,
        lr_scheduler_type=_SCHEDULES[training.schedule],
        warmup_steps=warmup_of(total, training),
        weight_decay=training.weight_decay,
        max_grad_norm=training.max_gradient_norm,
        optim=optimiser_name(training.optimiser, compute),
        bf16=compute.precision == "bf16",
        fp16=compute.precision == "fp16",
        use_cpu=compute.device == "cpu",
        gradient_checkpointing=training.gradient_checkpointing,
        gradient_checkpointing_kwargs={
            "use_reentrant": False,
            "preserve_rng_state": recipe.lora.dropout > 0,  # nothing else is drawn at random
        },
        activation_offloading=offload,
        seed=training.seed,
        data_seed=training.seed,
        max_length=recipe.data.max_length,
        dataset_kwargs={"skip_prepare_dataset": True},
        eval_strategy="no",  # Flow says when
        save_strategy="no",
        logging_steps=1,
        logging_nan_inf_filter=False,  # it hides a run that has failed, and waits for the GPU each time
        prediction_loss_only=True,
        dataloader_pin_memory=compute.device == "cuda",
        ddp_find_unused_parameters=False,
        report_to="none",
        disable_tqdm=True,
    )
