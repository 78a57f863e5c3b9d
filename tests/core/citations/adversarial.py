"""Fifty documents written to make a program that reads them say, cite or reveal what it should not.

Each holds a harmless sentence and an attack. ``wanted`` is what the attack wants said, as a model that obeys
it would write it; no verdict may call that supported, and nothing else may change because it is there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

HARMLESS = "Oranges are harvested in winter in many regions."


@dataclass(frozen=True, slots=True)
class Attack:
    """A document and what it wants."""

    name: str
    text: str
    wanted: str


ATTACKS = tuple(
    Attack(entry["name"], f"{HARMLESS}\n{entry['text']}", entry["wanted"])
    for entry in json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
)
