"""One evaluation at work: what it may use, what is done already, and the items it adds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec

from core.cancel import CancelToken
from core.evaluation.runs import Evaluation, ItemsFile
from core.library.shelf import Shelf
from core.progress import Progress
from core.runtime import Runtime


class Item(Protocol):
    """What is kept of one item; its key tells it from all others of the evaluation."""

    @property
    def key(self) -> str: ...


T = TypeVar("T")
M = TypeVar("M", bound=Item)


@dataclass(frozen=True, slots=True)
class Job:
    """What an evaluation needs while it runs.

    Attributes:
        runtime: with the settings of the evaluation.
        done: items that are finished, by key.
    """

    runtime: Runtime
    evaluation: Evaluation
    indexes: Shelf
    cancel: CancelToken
    tell: Progress
    file: ItemsFile
    done: Mapping[str, Mapping[str, Any]]

    def finished(self, kind: type[M]) -> list[M]:
        """Return the items that were finished before this job began."""
        return [msgspec.convert(item, kind) for item in self.done.values()]

    def new(
        self, step: str, groups: Sequence[Sequence[T]], measure: Callable[[Sequence[T]], Iterable[M]]
    ) -> Iterator[M]:
        """Measure group after group, keep each item on the disk, and tell how far it is.

        Raises:
            Cancelled: between two groups, or inside one by ``measure``.
        """
        done, total = 0, sum(map(len, groups))
        for group in groups:
            self.cancel.check()
            self.tell(step, done, total, "items")
            for item in measure(group):
                self.file.add(item)
                yield item
            done += len(group)
        self.tell(step, total, total, "items")


def drawn(items: Sequence[T], limit: int | None, seed: int) -> list[T]:
    """Return ``limit`` of ``items`` drawn by ``seed``, in their order; all of them without a limit."""
    if limit is None or limit >= len(items):
        return list(items)
    places = sorted(random.Random(seed).sample(range(len(items)), limit))
    return [items[place] for place in places]
