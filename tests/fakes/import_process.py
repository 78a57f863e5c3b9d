"""A process that imports the same files again and again, each time in a child that may be killed.

``python -m tests.fakes.import_process HOW SHELF LOG FILE...`` reads milliseconds, line by line.
For each it forks a process that imports the files into the library "test", kills it (SIGKILL) after that time
unless it is done, and answers "killed" or the report as JSON. Every text that is embedded is a line of LOG.
HOW is "beside" for an embedder that leaves the processor alone, else "in turn".
The fork spares loading Python's modules, which would take longer than the import of the files.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import hnswlib  # noqa: F401  loaded before the fork
import msgspec
import numpy as np
import tantivy  # noqa: F401
from numpy.typing import NDArray

from core.cancel import CancelToken
from core.library import importing
from core.library.ingest import add
from core.library.shelf import Shelf
from tests.fakes.hash_embedder import HashEmbedder

BATCH = 24  # passages


class LoggingEmbedder(HashEmbedder):
    """Takes its time, and notes every text in a file."""

    def __init__(self, log: Path, beside: bool) -> None:
        super().__init__(dim=8, beside=beside)
        self.batch = 1
        self._log = log

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        with self._log.open("ab") as log:
            log.write("".join(text.replace("\n", "|") + "\n" for text in texts).encode())
        time.sleep(0.004)
        return super().encode(texts)


def main(beside: bool, folder: Path, log: Path, files: list[Path]) -> None:
    """Serve standard input until it ends."""
    importing.BATCH = BATCH
    for line in sys.stdin:
        print(attempt(folder, LoggingEmbedder(log, beside), files, float(line) / 1000), flush=True)


def attempt(folder: Path, embedder: LoggingEmbedder, files: list[Path], seconds: float) -> str:
    """Import in a process that lives for ``seconds`` at most; return its report, or "killed"."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        report = add(Shelf(folder), "test", files, embedder, CancelToken(), lambda *_: None)
        os.write(writing, msgspec.json.encode(report))
        os._exit(0)
    os.close(writing)
    done, _, _ = select.select([reading], [], [], seconds)
    if not done:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read().decode()
    return answer or ("killed" if status == signal.SIGKILL else f"failed {status}")


if __name__ == "__main__":
    main(sys.argv[1] == "beside", *map(Path, sys.argv[2:4]), [Path(name) for name in sys.argv[4:]])
