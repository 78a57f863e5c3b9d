"""The sizes of a Llama-family model, from its ``config.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import ModelUnusable
from core.registry import ModelInfo
from core.weights import COPY_AGAIN


@dataclass(frozen=True, slots=True)
class Shape:
    """Widths in numbers; ``queries`` and ``keys`` are those of all heads together."""

    hidden: int
    intermediate: int
    layers: int
    queries: int
    keys: int
    vocabulary: int
    tied: bool

    @property
    def projections(self) -> dict[str, tuple[int, int]]:
        """Inputs and outputs of each linear layer, by name."""
        return {
            "q_proj": (self.hidden, self.queries),
            "k_proj": (self.hidden, self.keys),
            "v_proj": (self.hidden, self.keys),
            "o_proj": (self.queries, self.hidden),
            "gate_proj": (self.hidden, self.intermediate),
            "up_proj": (self.hidden, self.intermediate),
            "down_proj": (self.intermediate, self.hidden),
        }

    @property
    def in_layers(self) -> int:
        """Numbers of all linear layers, which are what quantisation shrinks."""
        return self.layers * sum(inputs * outputs for inputs, outputs in self.projections.values())

    @property
    def parameters(self) -> int:
        """Numbers of the whole model, norms left out."""
        return self.in_layers + self.vocabulary * self.hidden * (1 if self.tied else 2)

    def adapter(self, targets: Sequence[str], rank: int) -> int:
        """Numbers of an adapter of this rank on ``targets``; names of other layers count nothing."""
        sizes = (self.projections.get(target, (0, 0)) for target in targets)
        return self.layers * sum(rank * (inputs + outputs) for inputs, outputs in sizes)


def shape_of(model: ModelInfo) -> Shape:
    """Return the sizes of ``model``; ModelUnusable if its config does not say them, or is damaged."""
    try:
        config = json.loads((model.path / "config.json").read_text("utf-8"))
        config = config.get("text_config") or config
        heads = int(config["num_attention_heads"])
        hidden = int(config["hidden_size"])
        each = int(config.get("head_dim") or hidden // heads)
        return Shape(
            hidden=hidden,
            intermediate=int(config["intermediate_size"]),
            layers=int(config["num_hidden_layers"]),
            queries=heads * each,
            keys=int(config.get("num_key_value_heads") or heads) * each,
            vocabulary=int(config["vocab_size"]),
            tied=bool(config.get("tie_word_embeddings", False)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnusable(f"The config.json of {model.name} does not say its sizes.", COPY_AGAIN) from error
