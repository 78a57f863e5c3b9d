"""How busy the graphics cards are while a run goes on, by NVML."""

from __future__ import annotations

import os
from typing import Any


class Gauges:
    """Reads the GPUs that this process may use; None of everything without one."""

    def __init__(self) -> None:
        self._cards: list[Any] = []
        try:
            import pynvml

            pynvml.nvmlInit()
            self._nvml = pynvml
            self._cards = [pynvml.nvmlDeviceGetHandleByIndex(number) for number in self._visible()]
        except Exception:  # no driver, or one that does not answer: figures are nice to have only
            self._cards = []

    def utilisation(self) -> float | None:
        """Share of the last second or so that the busiest card computed, in [0, 1]."""
        shares = self._read(lambda card: self._nvml.nvmlDeviceGetUtilizationRates(card).gpu / 100)
        return max(shares, default=None)

    def memory(self) -> int | None:
        """Bytes in use on the fullest card, by all programs."""
        return max(self._read(lambda card: int(self._nvml.nvmlDeviceGetMemoryInfo(card).used)), default=None)

    def _read(self, figure: Any) -> list[Any]:
        try:
            return [figure(card) for card in self._cards]
        except Exception:  # a card that fell off the bus must not end the run
            return []

    def _visible(self) -> list[int]:
        asked = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        numbers = [int(part) for part in asked.split(",") if part.strip().isdigit()]
        return numbers if asked else list(range(self._nvml.nvmlDeviceGetCount()))
