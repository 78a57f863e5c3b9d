"""The modes: what each adds to the way of a question, one row a mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.types import Mode


@dataclass(frozen=True, slots=True)
class ModePlan:
    """What a mode does differently.

    Attributes:
        instruction: a sentence added to the task; empty leaves the prompt as our model was trained on it.
        passages: least number of passages that are looked for; the settings may ask for more.
        strongest_first: of the passages that are close enough, the strongest kinds of evidence come first.
        studies: list the publications that were found, a row each.
        lay: measure how hard the answer is to read, and explain its words.
    """

    instruction: str = ""
    passages: int = 1
    strongest_first: bool = False
    studies: bool = False
    lay: bool = False


MODES: Mapping[Mode, ModePlan] = {
    "research": ModePlan(),
    "review": ModePlan("Say what each study found.", passages=12, studies=True),
    "clinical": ModePlan("Say first what guidelines recommend.", strongest_first=True),
    "patient": ModePlan("Use short sentences and plain words that everybody knows.", lay=True),
}
WIDER = 4  # times as many passages are looked for where the strongest are to come first
