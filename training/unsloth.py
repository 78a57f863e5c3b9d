"""The unsloth backend: fused kernels for one NVIDIA GPU (https://github.com/unslothai/unsloth), if installed.

It patches transformers, trl and peft when it is imported, so ``prepare_import`` must run before any of them
is. It is not among our dependencies.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path

from core.errors import ModelUnusable
from core.generation.loading import memory_explained
from core.generation.merging import attach
from core.registry import inspect_model
from training.backend import Trainable, Wanted
from training.compute import Compute
from training.loading import load_tokenizer


def prepare_import(folder: Path, *, has_gpu: bool) -> None:
    """Import unsloth if it is there and could be used; what it compiles goes to ``folder``.

    Without a GPU the import fails with NotImplementedError, so it is not tried.
    """
    if not has_gpu or importlib.util.find_spec("unsloth") is None:
        return
    os.environ["UNSLOTH_COMPILE_LOCATION"] = str(folder)
    try:
        importlib.import_module("unsloth")
    except Exception:  # native code of many versions; the plain backend does without
        sys.modules.pop("unsloth", None)


class UnslothBackend:
    """Loads by ``unsloth.FastLanguageModel``.

    Its attention takes positions for rotations only; it keeps conversations apart where it is told their
    lengths, which it takes of one row.
    """

    name = "unsloth"
    enough = 4096  # its kernels have less to wait for

    @staticmethod
    def problem(compute: Compute) -> str:
        """Return why unsloth cannot be used here, as the end of a sentence; empty if it can."""
        if compute.device != "cuda":
            return "there is no graphics card that it works on"
        if "unsloth" not in sys.modules:
            return "it is not installed, or cannot be imported"
        return ""

    def load(self, wanted: Wanted) -> Trainable:
        """See ``Backend``."""
        from unsloth import FastLanguageModel

        info = inspect_model(wanted.base)
        try:
            with memory_explained(info):
                model, _ = FastLanguageModel.from_pretrained(
                    model_name=str(wanted.base),
                    max_seq_length=wanted.max_length,
                    dtype=wanted.compute.dtype,
                    # of a base that is quantised already, it would look for the original otherwise
                    load_in_4bit=wanted.weights == "4bit" or info.quantised,
                    load_in_8bit=wanted.weights == "8bit",
                    offload_embedding=info.quantised or wanted.weights != "full",
                    trust_remote_code=False,
                    local_files_only=True,
                    use_exact_model_name=True,
                )
        except (OSError, ValueError, NotImplementedError) as error:
            raise ModelUnusable(f"unsloth cannot load {wanted.base}.", "Set the backend to plain.") from error
        return Trainable(self._with_adapter(model, wanted), load_tokenizer(wanted.base), flat=True)

    def _with_adapter(self, model: object, wanted: Wanted) -> object:
        from unsloth import FastLanguageModel

        checkpointing = "unsloth" if wanted.training.gradient_checkpointing else False
        if wanted.adapter:
            model = attach(model, wanted.adapter, trainable=True)
            return FastLanguageModel.patch_peft_model(model, use_gradient_checkpointing=checkpointing)
        lora = wanted.lora
        return FastLanguageModel.get_peft_model(
            model,
            r=lora.rank,
            lora_alpha=lora.alpha,
            lora_dropout=lora.dropout,
            use_rslora=lora.rank_stabilised,
            target_modules=list(lora.targets),
            bias="none",
            use_gradient_checkpointing=checkpointing,
            random_state=wanted.training.seed,
            max_seq_length=wanted.max_length,
        )
