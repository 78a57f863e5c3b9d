"""Start of the assistant worker, ``python -m core.worker``: ``core.protocol`` on standard streams."""

from __future__ import annotations

import logging
import multiprocessing
import sys

from core import offline
from core.paths import default_home
from core.worker_io import claim_stdout


def main() -> int:
    """Serve until standard input ends; return the exit status."""
    messages = claim_stdout()
    home = default_home()
    offline.arm("assistant", home)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    from core.worker.jobs import Jobs
    from core.worker.loop import serve

    serve(sys.stdin.buffer, messages, Jobs(home).run)
    return 0


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
