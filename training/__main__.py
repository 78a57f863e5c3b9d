"""Start of the training worker: ``python -m training``. Speaks ``core.protocol`` on its standard streams.

So far it can say whether everything that fine-tuning needs is here; the fine-tuning itself comes with the
recipe.
"""

from __future__ import annotations

import logging
import multiprocessing
import sys
from collections.abc import Iterator

from core import offline
from core.cancel import CancelToken
from core.errors import ProtocolError
from core.inspection import inspect
from core.paths import default_home
from core.protocol import Event, Inspect, Request
from core.worker.loop import serve
from core.worker_io import claim_stdout

PACKAGES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "bitsandbytes")


def run(request: Request, cancel: CancelToken) -> Iterator[Event]:
    """Yield the events of one job; raise ProtocolError for a request that is not for this process."""
    if not isinstance(request, Inspect):
        raise ProtocolError(f"The training process does not know {type(request).__name__}.")
    yield inspect("training", PACKAGES)


def main() -> int:
    """Serve until standard input ends; return the exit status."""
    messages = claim_stdout()
    offline.arm("training", default_home())
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    serve(sys.stdin.buffer, messages, run)
    return 0


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
