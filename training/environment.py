"""What must be settled in this process before torch and transformers are imported."""

from __future__ import annotations

import logging
import os
import sys

from core.hardware import survey
from core.paths import Home
from training.repeatable import prepare_cublas
from training.team import Team
from training.unsloth import prepare_import

COMPILED = ".unsloth"  # under ``runs``: what unsloth compiles, kept from run to run


def prepare(home: Home, team: Team) -> None:
    """Settle cuBLAS, the card of a process that trains alone, and import unsloth first if it is there.

    Without a choice, the trainer would spread its batches over all cards in a way that is slower than one.
    """
    for name in ("trl", "accelerate", "bitsandbytes"):  # each run they warn of what they could do without
        logging.getLogger(name).setLevel(logging.ERROR)
    prepare_cublas()
    if "torch" in sys.modules:
        return
    if team.size == 1:
        _choose_card(home)
    cards = survey(home.runs).gpus
    prepare_import(home.runs / COMPILED, has_gpu=bool(cards) and team.size == 1)


def _choose_card(home: Home) -> None:
    cards = survey(home.runs).gpus
    if len(cards) < 2:
        return
    os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # the order in which NVML counts
    asked = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    numbers = [part.strip() for part in asked.split(",") if part.strip()] or [*map(str, range(len(cards)))]
    if len(numbers) == len(cards):
        freest = max(range(len(cards)), key=lambda number: cards[number].memory_free)
        os.environ["CUDA_VISIBLE_DEVICES"] = numbers[freest]
