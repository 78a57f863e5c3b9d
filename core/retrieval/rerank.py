"""A local cross-encoder that reads question and passage together and says how well they fit.

torch and transformers are imported when a model is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable
from core.weights import read_weights

_BATCH = 16  # pairs at once
_LONGEST = 512  # tokens of question and passage together, whatever the model has places for


class Reranker(Protocol):
    """Puts passages in order for a question."""

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how well each text answers ``query``, shape (len(texts),); higher is better, unbounded."""


class CrossEncoder:
    """Any folder of a sequence classifier with one label (or two, "no" and "yes"), as rerankers are."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        places = int(getattr(model.config, "max_position_embeddings", _LONGEST) or _LONGEST)
        self._tokens = min(_LONGEST, places, int(tokenizer.model_max_length))

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> CrossEncoder:
        """Load the reranker in ``folder``; safetensors only, and none of its code is run.

        Raises:
            ModelUnusable: it is not a reranker, or is damaged.
        """
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        safe = {"local_files_only": True, "trust_remote_code": False}
        dtype = torch.float16 if device.startswith("cuda") else torch.float32
        try:
            read_weights(folder)
            model, loaded = AutoModelForSequenceClassification.from_pretrained(
                str(folder), use_safetensors=True, dtype=dtype, output_loading_info=True, **safe
            )
            if loaded["missing_keys"]:  # an encoder without its last layer would score at random
                raise ValueError(f"it lacks {', '.join(sorted(loaded['missing_keys']))}")
            if model.config.num_labels not in (1, 2):
                raise ValueError(f"it tells {model.config.num_labels} classes apart")
            tokenizer = AutoTokenizer.from_pretrained(str(folder), **safe)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise ModelUnusable(
                f"Cannot load the reranker in {folder}: {error}.",
                "Choose another reranker in the settings, or none.",
            ) from error
        return cls(model.to(device).eval(), tokenizer)

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """See ``Reranker.score``. What is too long together is cut, the longer of the two first."""
        import torch

        scores = np.empty(len(texts), np.float32)
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))  # alike lengths waste least padding
        with torch.inference_mode():
            for start in range(0, len(order), _BATCH):
                batch = order[start : start + _BATCH]
                inputs = self._tokenizer(
                    [query] * len(batch),
                    [texts[i] for i in batch],
                    padding=True,
                    truncation=True,
                    max_length=self._tokens,
                    return_tensors="pt",
                ).to(self._model.device)
                logits = self._model(**inputs).logits.float()
                best = logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]
                scores[batch] = best.cpu().numpy()
        return scores
