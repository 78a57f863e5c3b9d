"""What the training process does for each request: a generator of events, Done and Failed excepted."""

from __future__ import annotations

from collections.abc import Iterator

from core.cancel import CancelToken
from core.errors import ProtocolError
from core.inspection import inspect
from core.paths import Home
from core.protocol import CheckData, Event, Inspect, Judge, Merge, Request, Resume, Train, TuneEmbedder
from training.environment import prepare
from training.team import Team

PACKAGES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "bitsandbytes")


class Jobs:
    """Runs requests one at a time."""

    def __init__(self, home: Home, team: Team) -> None:
        self._home, self._team = home, team

    def run(self, request: Request, cancel: CancelToken) -> Iterator[Event]:
        """Yield the events of one job.

        Raises:
            AppError: the job cannot be done, and why; PolicyForbids where nobody may train.
            ProtocolError: the request is not for this process.
            Cancelled: it was cancelled where nothing is left to show.
        """
        if isinstance(request, Inspect):
            yield inspect("training", PACKAGES)
            return
        if not isinstance(request, CheckData | Train | TuneEmbedder | Resume | Merge | Judge):
            raise ProtocolError(f"The training process does not know {type(request).__name__}.")
        self._home.policy.must_allow("training")
        prepare(self._home, self._team)
        yield from self._job(request, cancel)

    def _job(self, request: Request, cancel: CancelToken) -> Iterator[Event]:
        from training.data.check import check
        from training.stages import Stages

        stages = Stages(self._home, self._team)
        match request:
            case CheckData():
                yield from check(request.recipe, self._home, cancel)
            case Train():
                yield from stages.start(request.recipe, cancel)
            case TuneEmbedder():
                yield from stages.tune(request.recipe, cancel)
            case Resume():
                yield from stages.resume(request.run, request.changes, cancel)
            case Merge():
                yield from stages.merged(request.run, cancel, bin=request.bin)
            case Judge():
                yield from stages.judged(request.run, cancel)
