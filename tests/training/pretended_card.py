"""The training process, told that it has a graphics card: ``python -m tests.training.pretended_card LOG``.

It computes on the CPU all the same, where torch can be held to repeatable operations as well. Each load and
each forward pass adds a line of JSON to LOG; from the fourth pass after a load on, the model uses an
operation that torch has in no repeatable form, on a CPU neither.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from training import stages
from training.__main__ import main
from training.backend import Trainable, Wanted
from training.compute import Compute
from training.plain import PlainBackend
from training.repeatable import WORKSPACE
from training.run import Lesson

CARD = Compute("cuda", "fp32")
FIRST_BAD = 4  # forward pass


class PretendedCard:
    """The plain backend, for a card that is not there; ``seen`` is called with what it sees."""

    name = "plain"
    enough = 8192

    def __init__(self, seen: Any, first_bad: int = FIRST_BAD) -> None:
        self._seen, self._first_bad = seen, first_bad

    def load(self, wanted: Wanted) -> Trainable:
        import torch

        assert wanted.compute == CARD
        torch.cuda.get_device_properties = lambda _: SimpleNamespace(total_memory=0)  # type: ignore
        self._look("load")
        loaded = PlainBackend().load(replace(wanted, compute=Compute("cpu", "fp32")))
        passes = [0]

        def look(*_: Any) -> None:
            passes[0] += 1
            self._look("forward")
            if passes[0] >= self._first_bad:
                torch.zeros(2).put_(torch.tensor([1]), torch.ones(1))

        loaded.model.get_base_model().model.layers[0].mlp.register_forward_pre_hook(look)
        return loaded

    def _look(self, at: str) -> None:
        self._seen({"at": at, **switches(), "workspace": os.environ.get(WORKSPACE, "")})


def switches() -> dict[str, bool]:
    """Return what torch is held to in this process."""
    import torch

    return {
        "held": torch.are_deterministic_algorithms_enabled(),
        "warns_only": torch.is_deterministic_algorithms_warn_only_enabled(),
        "fills": torch.utils.deterministic.fill_uninitialized_memory,  # type: ignore
    }


def _pretend(log: Path) -> None:
    def seen(what: dict[str, object]) -> None:
        with log.open("a") as file:
            file.write(json.dumps(what) + "\n")

    stages.choose = lambda *_, **__: PretendedCard(seen)  # type: ignore
    stages.Lesson = lambda *given: Lesson(*given[:-1], CARD)  # type: ignore


if __name__ == "__main__":
    _pretend(Path(sys.argv[1]))
    assert "torch" not in sys.modules  # or it would be too late for cuBLAS
    status = main(sys.argv[2:])
    with Path(sys.argv[1]).open("a") as file:
        file.write(json.dumps({"at": "end", **switches()}) + "\n")
    sys.exit(status)
