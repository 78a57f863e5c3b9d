"""Text embeddings from a local sentence-transformers folder, or a pair of encoders such as MedCPT.

torch and sentence-transformers are imported when a model is loaded, so that the window can import ``core``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable
from core.precision import cpu_dtype
from core.retrieval.encoding import (
    ARTICLE,
    QUERY,
    EncodingRules,
    fingerprint_of,
    is_pair,
    rules_of,
    simple_plan,
)

__all__ = ["Embedder", "EncodingRules", "Vectors", "fingerprint_of", "load_embedder", "simple_plan"]

Vectors = NDArray[np.float32]
_BATCH, _GPU_BATCH = 32, 512  # texts at once; more than 32 gains nothing on a CPU
_CALLS = 8  # batches of one call, so that they can be sorted by length


class Embedder(Protocol):
    """Turns texts into vectors that are compared as its rules say."""

    @property
    def fingerprint(self) -> str:
        """Identifies model and encoding rules; equal fingerprints give comparable vectors."""

    @property
    def rules(self) -> EncodingRules:
        """How texts are encoded and vectors compared."""

    @property
    def dim(self) -> int:
        """Length of one vector."""

    @property
    def batch(self) -> int:
        """How many texts to give at once, so that the device is kept busy."""

    @property
    def beside(self) -> bool:
        """True where encoding leaves the processor to others, as on a graphics card."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of passages, shape (len(texts), dim), in the order of ``texts``.

        The first line of a text is its title. The vectors have length 1 where ``rules.normalised``.
        """

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions, as ``encode`` does those of passages."""


class TransformerEmbedder:
    """The commonest sentence-transformers layout, an encoder with mean or CLS pooling, without that library.

    Importing sentence-transformers takes seconds, because it brings the training stack along; a question
    should not wait for that. The vectors are those of ``SentenceEmbedder`` (a test compares them). On a GPU
    the weights are float16, on processors that can bfloat16: the cosine of the two vectors of a text is then
    above 0.999.
    """

    def __init__(self, model: Any, tokenizer: Any, rules: EncodingRules, fingerprint: str) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self.beside = model.device.type != "cpu"
        self._at_once = _GPU_BATCH if model.device.type == "cuda" else _BATCH
        self.rules = rules
        self.fingerprint = fingerprint
        self.dim = int(model.config.hidden_size)
        self.batch = self._at_once if self._at_once == _BATCH else self._at_once * _CALLS

    @classmethod
    def load(
        cls, folder: Path, rules: EncodingRules, device: str = "cpu", fingerprint: str = ""
    ) -> TransformerEmbedder:
        """Load the encoder in ``folder``; safetensors only, and none of its code is run."""
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        safe = {"local_files_only": True, "trust_remote_code": False}
        dtype = torch.float16 if device.startswith("cuda") else cpu_dtype()
        model = AutoModel.from_pretrained(str(folder), use_safetensors=True, dtype=dtype, **safe)
        tokenizer = AutoTokenizer.from_pretrained(str(folder), **safe)
        return cls(model.to(device).eval(), tokenizer, rules, fingerprint or fingerprint_of(folder))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode``. Texts longer than the model reads are cut by its tokenizer."""
        return self._encode(
            [self.rules.passage_prefix + text for text in texts], self.rules.max_passage_tokens
        )

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode_queries``."""
        return self._encode([self.rules.query_prefix + text for text in texts], self.rules.max_query_tokens)

    def encode_titled(self, texts: Sequence[str]) -> Vectors:
        """As ``encode``, but title and text are read as a pair, with the separator between them."""
        parts = [text.partition("\n") for text in texts]
        titles, bodies = [part[0] for part in parts], [part[2] for part in parts]
        return self._encode(titles, self.rules.max_passage_tokens, bodies)

    def _encode(self, texts: Sequence[str], tokens: int, seconds: Sequence[str] | None = None) -> Vectors:
        vectors = np.empty((len(texts), self.dim), np.float32)
        lengths = [len(text) + (len(seconds[i]) if seconds else 0) for i, text in enumerate(texts)]
        order = sorted(range(len(texts)), key=lambda i: -lengths[i])  # alike lengths waste least padding
        start, before = 0, list[tuple[list[int], Any]]()
        while start < len(order):
            batch = order[start : start + self._at_once]
            pairs = None if seconds is None else [seconds[i] for i in batch]
            try:
                made = self._encode_batch([texts[i] for i in batch], tokens, pairs)
            except RuntimeError as error:  # torch.OutOfMemoryError is one
                if "out of memory" not in str(error) or self._at_once <= 1:
                    raise
                self._at_once //= 2
                continue
            start += len(batch)
            for places, values in before:  # fetched when a graphics card has the next batch to work on
                vectors[places] = values.cpu().numpy()
            before = [(batch, made)]
        for places, values in before:
            vectors[places] = values.cpu().numpy()
        return vectors

    def _encode_batch(self, texts: Sequence[str], tokens: int, seconds: Sequence[str] | None) -> Any:
        """Return the vectors as a tensor on the model's device, which may still be at work on them."""
        import torch

        with torch.inference_mode():
            inputs = self._tokenizer(
                list(texts),
                None if seconds is None else list(seconds),
                padding=True,
                truncation=True,
                max_length=tokens,
                return_tensors="pt",
            ).to(self._model.device)
            states = self._model(**inputs).last_hidden_state.float()
            mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
            pooled = states[:, 0] if self.rules.pooling == "cls" else (states * mask).sum(1) / mask.sum(1)
            if self.rules.normalised:
                pooled = torch.nn.functional.normalize(pooled, dim=1)
            return pooled


class PairEmbedder:
    """Two encoders trained together, one for questions and one for titles with abstracts: MedCPT's layout."""

    def __init__(self, query: TransformerEmbedder, article: TransformerEmbedder, fingerprint: str) -> None:
        if query.dim != article.dim:
            raise ValueError(f"its two encoders give vectors of {query.dim} and {article.dim} values")
        self._query = query
        self._article = article
        self.rules = article.rules
        self.fingerprint = fingerprint
        self.dim = article.dim
        self.batch, self.beside = article.batch, article.beside

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> PairEmbedder:
        """Load the encoders in the sub-folders ``query`` and ``article``."""
        rules, fingerprint = rules_of(folder), fingerprint_of(folder)
        query, article = (
            TransformerEmbedder.load(folder / part, rules, device, fingerprint) for part in (QUERY, ARTICLE)
        )
        return cls(query, article, fingerprint)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode``."""
        return self._article.encode_titled(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode_queries``."""
        return self._query.encode_queries(texts)


class SentenceEmbedder:
    """Any local sentence-transformers folder, run by sentence-transformers."""

    def __init__(self, model: Any, rules: EncodingRules, fingerprint: str) -> None:
        self._model = model
        self.rules = rules
        self.fingerprint = fingerprint
        self.dim = int(model.get_embedding_dimension())
        self.batch = _GPU_BATCH * _CALLS if model.device.type == "cuda" else _BATCH
        self.beside = model.device.type != "cpu"

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> SentenceEmbedder:
        """Load ``folder`` onto ``device``; safetensors only, and none of its code is run."""
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(
            str(folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        model.default_prompt_name = None  # the rules have it already
        return cls(model.eval(), rules_of(folder), fingerprint_of(folder))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode``. Texts longer than the model reads are cut by its tokenizer."""
        return self._encode([self.rules.passage_prefix + text for text in texts])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode_queries``."""
        return self._encode([self.rules.query_prefix + text for text in texts])

    def _encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        encoded = self._model.encode(
            list(texts),
            batch_size=min(self.batch, _GPU_BATCH),
            normalize_embeddings=self.rules.normalised,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(encoded, dtype=np.float32)


def load_embedder(folder: Path, device: str = "cpu") -> Embedder:
    """Load the embedder in ``folder`` by the quickest way that gives its vectors.

    Raises:
        ModelUnusable: the folder is not a sentence-transformers model, or is damaged.
    """
    try:
        if is_pair(folder):
            return PairEmbedder.load(folder, device)
        plan = simple_plan(folder)
        return (
            TransformerEmbedder.load(folder, plan, device) if plan else SentenceEmbedder.load(folder, device)
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ModelUnusable(
            f"Cannot load the embedder in {folder}: {error}.",
            "Run `vademecum assets verify`, or choose another embedder in the settings.",
        ) from error
