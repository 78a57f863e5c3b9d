"""How quick PubMed's own files become stored records, in how much memory, and what ten more records cost.

The files are those of ``pubmed_reading``. Reading, comparing with what is there, cutting into passages and
writing to SQLite are measured, on one core, with an embedder that takes no time; in records a second of
processor time. Each size is stored in a process of its own. Then ten records are added to the largest one,
with all its indexes, and deleted again: seconds as a user waits. Beside: building that library.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.cancel import CancelToken
from core.library.importing import Importing
from core.library.ingest import add, delete
from core.library.inputs import find_inputs
from core.library.originals import Originals
from core.library.shelf import Shelf
from core.library.staging import Plan, Staging
from core.retrieval.encoding import EncodingRules
from tests.benchmarks import common
from tests.benchmarks.pubmed_reading import peak_memory, write_records

SIZES = (10_000, 100_000)
FULL = 1_000_000
WANTED = 5_000  # records a second on one core
FLAT = 1.1  # peak memory of the largest file, at most so many times that of the smallest
_FEW = 10


class NoEmbedder:
    """Gives vectors that cost nothing: directions drawn at random."""

    dim, batch, beside, fingerprint, rules = 384, 128, False, "none", EncodingRules()

    def __init__(self) -> None:
        self._drawn = np.random.default_rng(0).standard_normal((5_003, self.dim), dtype=np.float32)
        self._given = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return directions drawn beforehand."""
        self._given += len(texts)
        return self._drawn[np.arange(self._given - len(texts), self._given) % len(self._drawn)]

    encode_queries = encode


def main() -> int:
    """Generate the files, store each, add and delete some, print the tables."""
    parser = common.options_of(__doc__)
    parser.add_argument("--full", action="store_true", help=f"store {FULL:,} records as well (10 minutes)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="store one file, print what it took")
    options = parser.parse_args()
    if options.store:
        print(json.dumps(_store(options.store)))
        return 0
    report = common.Report("storing")
    with tempfile.TemporaryDirectory(prefix="vademecum-bench-") as temporary:
        folder = Path(temporary)
        _rates(report, folder, (*SIZES, FULL) if options.full else SIZES)
        _living(report, folder, SIZES[-1])
    return report.finish(options.json)


def _rates(report: common.Report, folder: Path, sizes: Sequence[int]) -> None:
    rows, found = [], []
    for size in sizes:
        common.say(f"Generating and storing {size:,} records")
        path = folder / f"{size}.xml.gz"
        write_records(path, size)
        command = [sys.executable, "-m", "tests.benchmarks.storing", "--store", str(path)]
        output = subprocess.run(command, cwd=common.ROOT, check=True, capture_output=True, text=True).stdout
        took = json.loads(output.splitlines()[-1])
        found.append(took)
        rows.append((size, took["records"] / took["cpu"], took["wall"], took["peak"], took["bytes"] / 1e6))
        assert took["records"] == size, f"{took['records']} of {size} records were stored"
    columns = ("records", "records/s", "seconds", "peak memory, MB", "stored, MB")
    report.table("PubMed XML to stored records, without embedding", columns, rows)
    slowest = min(took["records"] / took["cpu"] for took in found)
    report.must(slowest >= WANTED, f"storing {slowest:,.0f} records/s, wanted {WANTED:,}")
    growth = found[-1]["peak"] / found[0]["peak"]
    report.must(growth <= FLAT, f"memory grew {growth:.2f} times from {sizes[0]:,} to {sizes[-1]:,} records")


def _store(path: Path) -> dict[str, float]:
    """Store the records of ``path`` as an import does, without building indexes."""
    embedder = NoEmbedder()
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        folder = Path(temporary, "version")
        stage = Staging.open(folder, None, Plan("benchmark", None, embedder.fingerprint))
        originals = Originals(Path(temporary, "files"))
        importing = Importing(stage, embedder, originals, CancelToken(), lambda *step: None)
        inputs = find_inputs([path])
        wall, cpu = time.perf_counter(), time.process_time()
        importing.run(inputs)
        took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        records = stage.checkpoint.records
        stage.close()
        size = sum(file.stat().st_size for file in folder.iterdir())
    return took | {"records": records, "bytes": size, "peak": peak_memory() / 1e6}


def _living(report: common.Report, folder: Path, size: int) -> None:
    shelf, embedder = Shelf(folder / "libraries"), NoEmbedder()
    few = folder / "few.xml.gz"
    write_records(few, _FEW, seed=1)
    pmids = [document.pmid for document in _documents(few)]

    def run(what: str, work: Callable[[], object]) -> tuple[str, float]:
        common.say(what)
        return what, common.seconds(work)

    def import_(path: Path) -> object:
        return add(shelf, "big", [path], embedder, CancelToken(), lambda *step: None)

    rows = [
        run(f"build the library of {size:,} records", lambda: import_(folder / f"{size}.xml.gz")),
        run(f"add {_FEW} records to it", lambda: import_(few)),
        run(f"delete {_FEW} records", lambda: delete(shelf, "big", pmids, CancelToken(), lambda *step: None)),
    ]
    report.table("A library that lives", ("what", "seconds"), rows)


def _documents(path: Path) -> list[object]:
    ((source, format_),) = find_inputs([path]).sources
    return list(format_.read(source))


if __name__ == "__main__":
    sys.exit(main())
