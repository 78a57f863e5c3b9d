"""Start of the training worker.

``python -m training`` speaks ``core.protocol`` on its standard streams. ``python -m training run`` with
``--recipe FILE`` or ``--resume RUN`` does one run without a window and writes its events to standard output,
a JSON object a line; accelerate and torchrun can start it in several processes, of which the first writes.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from core import offline
from core.cancel import CancelToken
from core.errors import AppError
from core.paths import Home, default_home
from core.protocol import Done, Failed, Request, Resume, Train, TuneEmbedder, encode
from core.tuning.recipe import Recipe, read_recipe
from core.worker.loop import job, serve
from core.worker_io import claim_stdout
from training.jobs import Jobs
from training.team import Team

STOPPED = 130  # exit status, as of a program ended by Ctrl+C


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until standard input ends, or do one run; return the exit status."""
    messages = claim_stdout()
    home = default_home()
    offline.arm("training", home)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    given = _parsed(sys.argv[1:] if arguments is None else arguments)
    if given.command == "run":
        return run(given, home, messages)
    serve(sys.stdin.buffer, messages, Jobs(home, Team()).run)
    return 0


def run(given: argparse.Namespace, home: Home, messages: BinaryIO) -> int:
    """Do one run; 0 done, 1 failed, 130 stopped by SIGINT or SIGTERM and saved."""
    cancel, team = CancelToken(), Team()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: cancel.cancel())
    try:
        request = _request(given)
    except AppError as error:
        messages.write(encode(Failed(error.code, str(error), error.hint)))
        return 1
    status = 0
    for event in job(Jobs(home, team).run, request, cancel):
        if team.leads:
            messages.write(encode(event))
        if isinstance(event, Failed):
            status = 1
        elif isinstance(event, Done) and event.cancelled:
            status = STOPPED
    return status


def _request(given: argparse.Namespace) -> Request:
    if given.resume:
        return Resume(given.resume)
    recipe = read_recipe(Path(given.recipe))
    return Train(recipe) if isinstance(recipe, Recipe) else TuneEmbedder(recipe)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    one = commands.add_parser("run", help="do one run, without a window")
    what = one.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipe", metavar="FILE")
    what.add_argument("--resume", metavar="RUN")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
