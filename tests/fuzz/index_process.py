"""Opens and searches spoilt copies of a library: ``python -m tests.fuzz.index_process FOLDER``.

FOLDER holds the one version. Each line of the input is JSON: the name of a file in it, and the content in
hexadecimal digits that takes its place for once. The answer is "searched" or "told: REASON".
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np

from core.errors import AppError
from core.library.integrity import content_problems
from core.library.retractions import Retractions
from core.library.versions import read_manifest
from core.retrieval.fusion import Ranking
from core.retrieval.library import OpenLibrary, Wanted, open_library
from core.retrieval.query import parse


def main() -> int:
    """Answer until the input ends."""
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        name, content = msgspec.json.decode(line, type=tuple[str, str])
        path = folder / name
        whole = path.read_bytes()
        path.write_bytes(bytes.fromhex(content))
        try:
            print(outcome(folder), flush=True)
        finally:
            path.write_bytes(whole)
    return 0


def outcome(folder: Path) -> str:
    """Open, search, filter and check the version in ``folder``."""
    try:
        manifest = read_manifest(folder)
        library = open_library(folder, "l", manifest, Retractions())
        try:
            search(library, manifest.dim)
        finally:
            library.close()
        content_problems(folder, manifest)
    except AppError as error:
        return f"told: {type(error).__name__}"
    return "searched"


def search(library: OpenLibrary, dim: int) -> None:
    vector, wanted = np.ones(dim, np.float32), Wanted(10, 5)
    for condition in (None, parse("title:vitamin AND NOT year:2011")):
        selection = library.select(condition, False)
        found: list[Ranking] = [
            library.by_words("vitamin fracture", wanted, selection),
            library.by_vector(vector, wanted, selection),
        ]
        for ranking in found:
            library.store.chunks([int(key) for key in ranking.keys])
    library.records.facets(None)
    library.records.newest_first(library.records.numbers(None))


if __name__ == "__main__":
    sys.exit(main())
