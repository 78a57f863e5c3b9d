"""Stopping a job from outside, at its next safe point."""

from __future__ import annotations

import threading


class Cancelled(Exception):
    """Raised at a safe point after a cancel; not an error, so not an AppError."""


class CancelToken:
    """Set by whoever wants the job to stop; looked at per token, batch or step by the job."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop. Safe from any thread, and more than once."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """True once ``cancel`` was called."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait, at most until the job is asked to stop; return ``cancelled``."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise Cancelled if the job has been asked to stop."""
        if self.cancelled:
            raise Cancelled
