"""How far an import is, from the steps that the worker tells: rates, and the time that is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop.words import duration, number

OVER_S = 15.0  # rates are those of the last so many seconds
ESTIMATE_AFTER_S = 5.0


class Rate:
    """How fast a count grows."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def take(self, count: int, now: float) -> None:
        """Note ``count`` at the time ``now``, in seconds."""
        self._seen.append((now, count))
        while len(self._seen) > 2 and now - self._seen[1][0] >= OVER_S:
            self._seen.popleft()

    def a_second(self) -> float | None:
        """Return the growth a second; None while it is not known."""
        if len(self._seen) < 2:
            return None
        (then, before), (now, count) = self._seen[0], self._seen[-1]
        return (count - before) / (now - then) if now > then and count > before else None


class ImportProgress:
    """Takes each step, and says how things are in words."""

    def __init__(self) -> None:
        self._begun = 0.0  # of the step
        self._pace = Rate()  # of what the end of the step can be foreseen by
        self._rates = {"records": Rate(), "embed": Rate()}
        self._counts: dict[str, int] = {}
        self._step = ""
        self._done, self._total, self._unit = 0, 0, ""
        self._now = 0.0

    def take(self, step: str, done: int, total: int | None, unit: str, now: float) -> None:
        """Note what the worker told at the time ``now``."""
        self._now = now
        if step in self._rates:
            self._rates[step].take(done, now)
            self._counts[step] = done
            if self._step:
                return  # told beside the step it belongs to
            step, done, total, unit = "read", 0, None, ""
        if step != self._step:
            self._step, self._begun, self._pace = step, now, Rate()
        self._pace.take(done, now)
        self._done, self._total, self._unit = done, total or 0, unit

    @property
    def bar(self) -> tuple[int, int]:
        """How much of how much is done; of nothing while that is not known."""
        share = round(1000 * self._done / self._total) if self._done and self._total else 0
        return (share, 1000) if share else (0, 0)

    def doing(self) -> str:
        """Return what is being done now."""
        words = {
            "read": _tr("reading and embedding"),
            "check": _tr("checking"),
            "index words": _tr("indexing the words"),
            "index vectors": _tr("indexing the meaning"),
            "index records": _tr("indexing the records"),
            "compact": _tr("making room"),
        }
        return words.get(self._step, self._step)

    def counts(self) -> Sequence[str]:
        """Return the counts, rates and the time that is left, as far as known."""
        parts = []
        if self._step == "read":
            parts += self._count("records", _tr("{0} records"))
            parts += self._count("embed", _tr("{0} passages embedded"))
            if self._unit == "records":
                whole = f" / {number(self._total)}" if self._total else ""
                parts.append(f"{number(self._done)}{whole} {self._unit}")
        elif self._unit and self._done and self._total:
            parts.append(f"{number(self._done)} / {number(self._total)} {self._unit}")
        if left := self._left():
            parts.append(_tr("{0} left").format(left))
        return parts

    def _count(self, name: str, words: str) -> list[str]:
        if name not in self._counts:
            return []
        text = words.format(number(self._counts[name]))
        rate = self._rates[name].a_second()
        return [f"{text} ({_tr('{0} a second').format(_rounded(rate))})" if rate else text]

    def _left(self) -> str:
        pace = self._pace.a_second()
        if not pace or not self._total or self._now - self._begun < ESTIMATE_AFTER_S:
            return ""
        return duration((self._total - self._done) / pace) if self._done < self._total else ""


def _rounded(rate: float) -> str:
    return number(round(rate)) if rate >= 10 else f"{rate:.1f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("import", text)
