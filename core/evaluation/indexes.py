"""Libraries that evaluations search, made by the program's own import; each is made once and then shared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.cancel import CancelToken
from core.library.ingest import add
from core.library.retractions import Retractions
from core.library.shelf import Shelf
from core.progress import Progress
from core.retrieval.embedder import Embedder
from core.retrieval.library import open_library
from core.retrieval.retriever import Retriever
from core.types import Rejected


def index_name(inputs: Mapping[str, str], embedder: str) -> str:
    """Return the name of the library of files with these SHA-256 values, made with this embedder."""
    parts = [embedder, *(f"{Path(path).name} {digest}" for path, digest in sorted(inputs.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@contextmanager
def opened(
    shelf: Shelf, name: str, files: Sequence[Path], embedder: Embedder, cancel: CancelToken, tell: Progress
) -> Iterator[tuple[Retriever, tuple[Rejected, ...]]]:
    """Give a retriever on the library ``name`` of ``files`` and what was rejected, importing it if need be.

    An import that was stopped goes on. Lists of retractions do not count here.

    Raises:
        AppError: as ``core.library.ingest.add``.
    """
    if name not in shelf.names():
        add(shelf, name, files, embedder, cancel, tell)
    folder, manifest = shelf.active_version(name)
    reports = shelf.versions(name).reports.all()
    library = open_library(folder, name, manifest, Retractions())
    try:
        yield Retriever([library], lambda: embedder), reports[0].report.report if reports else ()
    finally:
        library.close()
