"""How well an import feeds a graphics card: passages a second beside bare ``SentenceTransformer.encode``.

The file is that of ``pubmed_reading``. The import reads, compares, cuts, embeds and stores, without building
indexes; the bare library embeds the same passages, sorted by length, 512 at once, with 32 and with 16 bits.
The weights may be any of the shape: speed does not depend on them.

``--pretend RATE`` takes instead of a card an embedder that only waits, as long as one of that rate would: it
shows what the import can feed at most.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.cancel import CancelToken
from core.library.chunking import chunk_spans, passage_text
from core.library.importing import Importing
from core.library.inputs import find_inputs
from core.library.originals import Originals
from core.library.staging import Plan, Staging
from core.paths import default_home
from core.retrieval.embedder import Embedder, load_embedder
from core.settings import ModelSettings
from core.types import Document
from tests.benchmarks import common
from tests.benchmarks.pubmed_reading import write_records
from tests.benchmarks.storing import NoEmbedder

RECORDS = 20_000
BATCH = 512
WANTED = 0.7  # of what the bare library reaches


def main() -> int:
    """Print passages a second of each."""
    parser = common.options_of(__doc__)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--model", type=Path, default=default_home().models / ModelSettings().embedder)
    parser.add_argument("--pretend", type=int, nargs="+", metavar="RATE", help="passages a second of a card")
    options = parser.parse_args()
    report = common.Report("feeding")
    if options.pretend:
        _pretended(report, options.pretend, options.records)
        return report.finish(options.json)
    with tempfile.TemporaryDirectory(prefix="vademecum-bench-") as temporary:
        file = Path(temporary, "records.xml.gz")
        common.say(f"generating {options.records:,} records")
        write_records(file, options.records)
        texts = sorted(_texts(file), key=len)
        embedder = load_embedder(options.model, options.device)
        embedder.encode(texts[:BATCH])
        common.say(f"importing their {len(texts):,} passages")
        whole = len(texts) / common.seconds(lambda: _import(file, Path(temporary), embedder))
        common.say(f"{whole:,.0f} a second; embedding alone")
        alone = len(texts) / common.seconds(lambda: embedder.encode(texts))
    bare = []
    for bits in (32, 16):
        common.say(f"the bare library with {bits} bits")
        bare.append((bits, _bare(options.model, options.device, texts, bits)))
        common.say(f"{bare[-1][1]:,.0f} a second")
    rows = [
        ("our import: reading, cutting, embedding, storing", whole),
        ("our embedder alone", alone),
        *((f"bare sentence-transformers, {bits} bits", rate) for bits, rate in bare),
    ]
    report.table(f"{len(texts):,} passages of {options.records:,} records", ("what", "passages/s"), rows)
    share = whole / bare[0][1]
    report.must(share >= WANTED, f"the import reaches {share:.2f} of the bare rate, wanted {WANTED}")
    return report.finish(options.json)


class Pretended(NoEmbedder):
    """Takes as long as a card of ``rate`` passages a second, and leaves the processor alone."""

    beside, batch = True, 8 * BATCH

    def __init__(self, rate: int) -> None:
        super().__init__()
        self._rate = rate

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Wait, then return directions drawn beforehand."""
        time.sleep(len(texts) / self._rate)
        return super().encode(texts)


def _pretended(report: common.Report, rates: Sequence[int], records: int) -> None:
    with tempfile.TemporaryDirectory(prefix="vademecum-bench-") as temporary:
        file = Path(temporary, "records.xml.gz")
        write_records(file, records)
        count = len(_texts(file))
        rows = []
        for rate in rates:
            work = partial(_import, file, Path(temporary, str(rate)), Pretended(rate))
            reached = count / common.seconds(work)
            rows.append((rate, reached, reached / rate))
            report.must(reached >= WANTED * rate, f"a card of {rate:,}/s is fed {reached:,.0f}/s")
    columns = ("passages/s of the card", "passages/s of the import", "share")
    report.table(f"{count:,} passages of {records:,} records", columns, rows)


def _texts(file: Path) -> list[str]:
    ((path, format_),) = find_inputs([file]).sources
    documents = (record for record in format_.read(path) if isinstance(record, Document))
    return [
        passage_text(one.title, one.text[span.start : span.end])
        for one in documents
        for span in chunk_spans(one)
    ]


def _import(file: Path, folder: Path, embedder: Embedder) -> None:
    stage = Staging.open(folder / "version", None, Plan("benchmark", None, embedder.fingerprint))
    originals = Originals(folder / "files")
    Importing(stage, embedder, originals, CancelToken(), lambda *step: None).run(find_inputs([file]))
    stage.close()


def _bare(model: Path, device: str, texts: list[str], bits: int) -> float:
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(str(model), device=device)
    if bits == 16:
        peer.half()
    peer.encode(texts[:BATCH], batch_size=BATCH)
    start = time.perf_counter()
    peer.encode(texts, batch_size=BATCH, show_progress_bar=False)
    return len(texts) / (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
