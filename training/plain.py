"""The plain backend: transformers, peft and bitsandbytes, on a GPU or a CPU."""

from __future__ import annotations

from core.generation.merging import attach
from core.registry import inspect_model
from core.tuning.estimate import ENOUGH, offloads
from core.tuning.shape import shape_of
from training.attention import attend_with, kernel
from training.backend import Trainable, Wanted
from training.loading import load_base, load_tokenizer, new_adapter, spare_casts, spare_embeddings


class PlainBackend:
    """Loads as the libraries do it themselves. Works wherever torch does."""

    name = "plain"
    enough = ENOUGH

    def load(self, wanted: Wanted) -> Trainable:
        """See ``Backend``."""
        tokenizer = load_tokenizer(wanted.base)
        place = wanted.place if wanted.compute.device == "cuda" else "cpu"
        model = load_base(wanted.base, wanted.weights, wanted.compute.dtype, place)
        model.config.use_cache = False
        card = wanted.place if wanted.compute.device == "cuda" and wanted.alone else None
        if card is not None:
            spare_embeddings(model, card)
        if fast := kernel(wanted.compute):
            attend_with(model, fast)
        if wanted.adapter:
            model = attach(model, wanted.adapter, trainable=True)
        else:
            model = new_adapter(model, wanted.lora)
        if wanted.compute.device == "cuda" and wanted.compute.precision != "fp32":
            spare_casts(model)
        offload = card is not None and offloads(wanted.training, shape_of(inspect_model(wanted.base)))
        return Trainable(model, tokenizer, flat=fast is not None, offload=offload)
