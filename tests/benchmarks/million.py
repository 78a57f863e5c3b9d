"""A library of a million passages: how long it takes to build and to open, its memory, and a query's time.

The passages are made up: words drawn by Zipf's law with the glue words of English at the top, lengths as
those of abstracts, and 384-d vectors in clusters. They go through the import's own way of writing
(``core.library.writing``): rows, indexes, manifest; only reading files and embedding are left out, and so is
the embedding of a question. Every part runs in a process of its own, so that the memory is that part's alone.
Beside it in the same run: hnswlib and tantivy by themselves, SQLite's FTS5, and bm25s where it is installed.

A million takes about 15 minutes on two cores and 12 GB of disk; ``--keep FOLDER`` keeps the library there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from core.cancel import CancelToken
from core.library.finishing import Making
from core.library.retractions import Retractions
from core.library.shelf import Shelf
from core.library.staging import Staging
from core.library.writing import Writer
from core.retrieval.encoding import EncodingRules
from core.retrieval.lexical import STOP_WORDS, content_words
from core.retrieval.library import OpenLibrary, open_library
from core.retrieval.retriever import Retriever, search_result
from core.settings import RetrievalSettings
from core.types import Document, Filters, Section, Span
from tests.benchmarks import common

PASSAGES = 1_000_000
DIM = 384
QUERIES = 300
PEER_QUERIES = 40
REQUIRED_P50, REQUIRED_P95, REQUIRED_OPEN, REQUIRED_RECALL = 15.0, 30.0, 5.0, 0.97  # ms, ms, s, share
REQUIRED_MEMORY = (1.25, 300_000_000)  # of the bytes of the vectors, and on top
RECORDS, PER_RECORD = 40_000_000, 1.3  # all of PubMed; SciFact's abstracts make 1.5, a third of all have none
_VOCABULARY, _CLUSTERS, _BATCH = 300_000, 2000, 5000
_TYPES = ("Randomized Controlled Trial", "Clinical Trial", "Review", "Systematic Review", "Case Reports")
_NAME = "made-up"
_GLUE = 40  # glue words that are commoner than any other; then come those that a third of all abstracts have
_COMMON = ("patients", "study", "results", "effect", "treatment", "treated", "clinical", "group")

Vectors = NDArray[np.float32]


def main() -> int:
    """Run all parts, each in its own process, and print their tables."""
    parser = common.options_of(__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--keep", metavar="FOLDER", help="keep the library there, or use the one that is")
    parser.add_argument("--part", choices=("build", "ours", "peers"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        part = {"build": build, "ours": measure, "peers": peers}[options.part]
        print(json.dumps(part(Path(options.keep), options.passages)))
        return 0
    with tempfile.TemporaryDirectory(prefix="vademecum-million-") as temporary:
        folder = Path(options.keep or temporary)
        parts = ("ours", "peers") if (folder / "libraries" / _NAME).is_dir() else ("build", "ours", "peers")
        found = {part: _in_its_own_process(part, folder, options.passages) for part in parts}
    return _told(found, options)


def _in_its_own_process(part: str, folder: Path, passages: int) -> dict[str, Any]:
    common.say(f"{passages:,} passages: {part}")
    command = [sys.executable, "-m", "tests.benchmarks.million", "--part", part, "--keep", str(folder)]
    command += ["--passages", str(passages)]
    done = subprocess.run(command, cwd=common.ROOT, stdout=subprocess.PIPE, check=True)
    body: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return body


class Words:
    """Texts of made-up words as often as words are."""

    def __init__(self) -> None:
        rng = random.Random(3)
        syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
        made = {"".join(rng.choices(syllables, k=rng.choice((2, 3, 3, 4)))) for _ in range(2 * _VOCABULARY)}
        glue, others = sorted(STOP_WORDS), np.array(sorted(made - STOP_WORDS)[:_VOCABULARY], object)
        np.random.default_rng(4).shuffle(others)
        self.words = np.array([*glue[:_GLUE], *_COMMON, *glue[_GLUE:], *others], object)
        weights = 1.0 / (np.arange(len(self.words)) + 2.7) ** 1.07
        self._steps = np.cumsum(weights / weights.sum())

    def ids(self, seed: int, count: int) -> list[NDArray[np.int64]]:
        """Return the numbers of the words of ``count`` abstracts."""
        rng = np.random.default_rng((5, seed))
        lengths = np.clip(rng.lognormal(np.log(190), 0.35, count), 40, 400).astype(int)
        drawn = np.minimum(np.searchsorted(self._steps, rng.random(int(lengths.sum()))), len(self.words) - 1)
        return np.split(drawn, np.cumsum(lengths)[:-1])


def documents(words: Words, passages: int) -> Iterator[list[Document]]:
    """Yield made-up documents of one passage each, some at a time."""
    for first in range(0, passages, _BATCH):
        made = []
        for place, ids in enumerate(words.ids(first, min(_BATCH, passages - first))):
            number, text = first + place, " ".join(words.words[ids]) + "."
            made.append(
                Document(
                    id=f"{number:016x}",
                    title=" ".join(words.words[ids[-12:]]),
                    text=text,
                    sections=(Section("", 0, len(text)),),
                    pmid=str(10_000_000 + number),
                    authors=("Made U", "Up M"),
                    journal=f"Journal {number % 997}",
                    year=1975 + number % 50,
                    publication_types=("Journal Article", _TYPES[number % len(_TYPES)]),
                    mesh=tuple(words.words[ids[20:24]]),
                    language="eng",
                    sources=("made-up.xml",),
                )
            )
        yield made


def vectors(passages: int) -> Iterator[Vectors]:
    """Yield vectors in clusters, as many at a time as there are documents."""
    for first in range(0, passages, _BATCH):
        yield clustered(np.random.default_rng((7, first)), min(_BATCH, passages - first))


def clustered(rng: np.random.Generator, count: int) -> Vectors:
    """Return vectors of length 1 around the same centres, shape (count, DIM)."""
    centres = np.random.default_rng(6).standard_normal((_CLUSTERS, DIM), np.float32)
    noise = 0.7 * rng.standard_normal((count, DIM), np.float32)
    made = centres[rng.integers(_CLUSTERS, size=count)] + noise
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


class Given:
    """An embedder that knows the vectors of the questions beforehand."""

    fingerprint, rules, dim, batch = "given@000000000000", EncodingRules(), DIM, _BATCH
    beside = False

    def __init__(self, known: dict[str, Vectors]) -> None:
        self._known = known

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode``."""
        return np.stack([self._known[text] for text in texts])

    encode_queries = encode


def build(folder: Path, passages: int) -> dict[str, Any]:
    """Write the library; tell seconds and bytes by part."""
    words, shelf, clock = Words(), Shelf(folder / "libraries"), _Clock()
    versions = shelf.versions(_NAME)

    def work(stage: Staging) -> None:
        for some, of_them in zip(documents(words, passages), vectors(passages), strict=True):
            for document in some:
                stage.editor.insert(document, [Span(0, len(document.text))])
            keys = list(stage.editor.waiting)
            stage.editor.waiting.clear()
            stage.commit(keys, of_them)
        clock.tell("finish")

    with shelf.lock(_NAME):
        writer = Writer(versions, _NAME, CancelToken(), lambda step, *_: clock.tell(step))
        writer.write(None, Making.by(Given({})), "import", "made-up", 1, work)
    clock.tell("end")
    version, _ = shelf.active_version(_NAME)
    sizes = {
        part.name: sum(file.stat().st_size for file in ([part] if part.is_file() else part.iterdir()))
        for part in sorted(version.iterdir())
    }
    return {"seconds": clock.parts(), "bytes": sizes, "peak": _peak()}


class _Clock:
    """Seconds between the steps that an import tells of."""

    def __init__(self) -> None:
        self._told = [("start", time.perf_counter(), time.process_time())]

    def tell(self, step: str) -> None:
        """Note that ``step`` begins."""
        if step != self._told[-1][0]:
            self._told.append((step, time.perf_counter(), time.process_time()))

    def parts(self) -> dict[str, tuple[float, float]]:
        """Return the seconds of each step and those of processor, by name."""
        steps = itertools.pairwise(self._told)
        return {
            ("database" if name == "start" else name): (end - begin, busy_end - busy)
            for (name, begin, busy), (_, end, busy_end) in steps
        }


def questions(words: Words, passages: int) -> list[tuple[str, Vectors]]:
    """Return questions of glue words and words of an abstract, each with a vector in one of the clusters."""
    rng, found = np.random.default_rng(8), []
    for ids, vector in zip(words.ids(passages, QUERIES), clustered(rng, QUERIES), strict=True):
        telling = np.array([words.words[i] for i in ids if i >= len(STOP_WORDS) + len(_COMMON)], object)
        named = rng.choice(telling, min(len(telling), int(rng.integers(4, 8))), replace=False)
        text = "what is the effect of " + " and the ".join(named) + " in patients who are treated?"
        found.append((text, vector))
    return found


def measure(folder: Path, passages: int) -> dict[str, Any]:
    """Open the library and search it."""
    asked = questions(Words(), passages)
    before = _memory()
    start = time.perf_counter()
    shelf = Shelf(folder / "libraries")
    library = open_library(*shelf_entry(shelf), Retractions())
    opened = time.perf_counter() - start
    given = Given(dict(asked))
    retriever = Retriever([library], lambda: given)
    ways: dict[str, Callable[[str], object]] = {
        "hybrid": _way(retriever, RetrievalSettings()),
        "by words": _way(retriever, RetrievalSettings(mode="lexical")),
        "by vectors": _way(retriever, RetrievalSettings(mode="dense")),
        "hybrid, from 2015 on": _way(retriever, RetrievalSettings(), Filters(year_from=2015)),
        "hybrid, one journal": _way(retriever, RetrievalSettings(), Filters(journals=("Journal 7",))),
    }
    known = dict(asked)
    bare = {
        "bare hnswlib, 10 of ef 256": lambda text: _bare_vectors(library, known[text], 10),
        "bare hnswlib, 1,000": lambda text: _bare_vectors(library, known[text], 1000),
        "bare tantivy, words of the question": lambda text: _bare_words(library, " ".join(text.split())),
        "bare tantivy, without glue words": lambda text: _bare_words(library, " ".join(content_words(text))),
    }
    for text, _ in asked[:20]:
        ways["hybrid"](text)
    hybrid = _times(ways["hybrid"], [text for text, _ in asked])
    memory = _memory()
    times = {"hybrid": hybrid}
    for name, way in {**ways, **bare}.items():
        if name != "hybrid":
            times[name] = _times(way, [text for text, _ in asked[:100]])
    return {
        "opened": opened,
        "before": before,
        "memory": memory,
        "times": times,
        "recall": _recall(library, [vector for _, vector in asked[:100]], passages),
    }


def shelf_entry(shelf: Shelf) -> tuple[Path, str, Any]:
    """Return folder, name and manifest of the library."""
    version, manifest = shelf.active_version(_NAME)
    return version, _NAME, manifest


def _way(
    retriever: Retriever, settings: RetrievalSettings, filters: Filters | None = None
) -> Callable[[str], object]:
    return lambda text: search_result(retriever, text, settings, 10, filters or Filters())


def _bare_vectors(library: OpenLibrary, vector: Vectors, k: int) -> object:
    native = library.dense._native
    native.set_ef(max(256, k))
    return native.knn_query(vector, k=k, num_threads=1)


def _bare_words(library: OpenLibrary, text: str) -> object:
    query, _ = library.lexical._native.parse_query_lenient(text, ["text"])
    return library.lexical._searcher.search(query, 10, count=False)


def _recall(library: OpenLibrary, asked: Sequence[Vectors], passages: int) -> float:
    """Return which share of the ten nearest by exact comparison hnswlib finds."""
    queries = np.stack(asked)
    best = np.full((len(asked), 10), -2.0, np.float32)
    keys = np.zeros((len(asked), 10), np.int64)
    first = 1
    for some in vectors(passages):
        scores = np.concatenate([best, queries @ some.T], axis=1)
        named = np.concatenate([keys, np.tile(np.arange(first, first + len(some)), (len(asked), 1))], axis=1)
        order = np.argpartition(-scores, 10, axis=1)[:, :10]
        best, keys = np.take_along_axis(scores, order, 1), np.take_along_axis(named, order, 1)
        first += len(some)
    found = [set(library.dense.search(query, 10).keys.tolist()) for query in queries]
    return statistics.fmean(len(set(k.tolist()) & f) / 10 for k, f in zip(keys, found, strict=True))


def peers(folder: Path, passages: int) -> dict[str, Any]:
    """Index the same texts by SQLite's FTS5, and by bm25s where it is installed, and search them."""
    words = Words()
    texts = [text for text, _ in questions(words, passages)][:PEER_QUERIES]
    found = {"SQLite FTS5": _fts5(folder, words, passages, texts)}
    if find_spec("bm25s"):
        found["bm25s"] = _bm25s(words, passages, texts)
    return found


def _fts5(folder: Path, words: Words, passages: int, texts: Sequence[str]) -> dict[str, Any]:
    path = folder / "fts5.sqlite"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE d USING fts5(body, content='', tokenize='porter unicode61')")
    rows = ((f"{each.title}\n{each.text}",) for some in documents(words, passages) for each in some)
    built = common.seconds(lambda: connection.executemany("INSERT INTO d (body) VALUES (?)", rows))
    connection.commit()

    def search(text: str) -> object:
        query = " OR ".join(f'"{word}"' for word in content_words(text))
        return connection.execute(
            "SELECT rowid FROM d WHERE d MATCH ? ORDER BY rank LIMIT 10", (query,)
        ).fetchall()

    times = _times(search, texts)
    connection.close()
    path.unlink()
    return {"built": built, "times": times}


def _bm25s(words: Words, passages: int, texts: Sequence[str]) -> dict[str, Any]:
    """As the library is meant to be used, but for its tokenizer: the words have numbers already."""
    import bm25s

    start = time.perf_counter()
    numbers = list(range(len(words.words)))  # the same objects again and again: 200 million would not fit
    ids = [
        [numbers[i] for i in (*each[-12:].tolist(), *each.tolist())]
        for first in range(0, passages, _BATCH)
        for each in words.ids(first, min(_BATCH, passages - first))
    ]
    vocabulary = {word: number for number, word in enumerate(words.words)}
    index = bm25s.BM25()
    index.index((ids, vocabulary), show_progress=False)
    built = time.perf_counter() - start

    def search(text: str) -> object:
        return index.retrieve([content_words(text)], k=10, show_progress=False)

    return {"built": built, "times": _times(search, texts)}


def _times(way: Callable[[str], object], texts: Sequence[str]) -> dict[str, list[float]]:
    """Return milliseconds a question: by the clock, and of processor, which a busy machine changes less."""
    wall, processor = [], []
    for text in texts:
        start, busy = time.perf_counter(), time.process_time()
        way(text)
        wall.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - busy))
    return {"wall": wall, "processor": processor}


def _memory() -> dict[str, int]:
    """Return bytes: resident, and the part of it that is not files mapped into memory."""
    info = psutil.Process().memory_info()
    return {"resident": info.rss, "own": info.rss - info.shared if hasattr(info, "shared") else info.rss}


def _peak() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _told(found: dict[str, dict[str, Any]], options: argparse.Namespace) -> int:
    """Print the tables; return 1 if something that is required was missed."""
    report = common.Report("million")
    passages, ours = options.passages, found["ours"]
    if "build" in found:
        built = found["build"]
        report.table(
            f"Building {passages:,} passages",
            ("step", "seconds", "of processor", "passages/s"),
            [
                (step, taken, busy, passages / max(taken, 1e-9))
                for step, (taken, busy) in built["seconds"].items()
            ],
        )
        report.table("On disk", ("part", "MB"), [(part, size / 1e6) for part, size in built["bytes"].items()])
        report.table(
            f"{RECORDS / 1e6:g} million records of {PER_RECORD:g} passages at these rates, without embedding",
            ("what", "amount", "unit"),
            scaled(built, ours, passages),
        )
    raw = passages * DIM * 4
    allowed = REQUIRED_MEMORY[0] * raw + REQUIRED_MEMORY[1]
    resident = ours["memory"]["resident"]
    report.table(
        "Opened",
        ("what", "measured", "required"),
        [
            ("seconds to open", ours["opened"], REQUIRED_OPEN),
            ("resident memory, MB", resident / 1e6, allowed / 1e6),
            ("of that not mapped files, MB", ours["memory"]["own"] / 1e6, ""),
            ("before opening, MB", ours["before"]["resident"] / 1e6, ""),
            ("recall@10 of the vector index", ours["recall"], REQUIRED_RECALL),
        ],
    )
    times = {**ours["times"], **{name: peer["times"] for name, peer in found["peers"].items()}}
    report.table(
        f"ms a question, without its embedding (required: hybrid {REQUIRED_P50:g} and {REQUIRED_P95:g})",
        ("search", "median", "95 %", "median of processor time", "questions"),
        [
            (name, *_quantiles(taken["wall"]), statistics.median(taken["processor"]), len(taken["wall"]))
            for name, taken in times.items()
        ],
    )
    report.finish(options.json)
    median, slow = _quantiles(ours["times"]["hybrid"]["wall"])
    reached = (
        median <= REQUIRED_P50
        and slow <= REQUIRED_P95
        and ours["opened"] <= REQUIRED_OPEN
        and resident <= allowed
        and ours["recall"] >= REQUIRED_RECALL
    )
    return 0 if reached else 1


def scaled(built: dict[str, Any], ours: dict[str, Any], passages: int) -> list[tuple[str, float, str]]:
    """Return what all of PubMed would take, if everything grew as the passages do.

    Building the graph of vectors, and walking it, grows by the logarithm as well.
    """
    wanted = RECORDS * PER_RECORD
    times, deeper = wanted / passages, np.log(wanted) / np.log(passages)
    loaded = ours["memory"]["own"] - ours["before"]["own"]
    rows = [(f"disk: {part}", size * times / 1e9, "GB") for part, size in built["bytes"].items()]
    rows += [("disk in all", sum(built["bytes"].values()) * times / 1e9, "GB")]
    rows += [("memory to search, mapped files left out", loaded * times / 1e9, "GB")]
    rows += [("memory to build, at most", built["peak"] * times / 1e9, "GB")]
    for step, (taken, _) in built["seconds"].items():
        factor = times * (deeper if step == "index vectors" else 1.0)
        rows.append((f"building: {step}", taken * factor / 3600, "hours"))
    return [(name, float(amount), unit) for name, amount, unit in rows]


def _quantiles(times: Sequence[float]) -> tuple[float, float]:
    twentieths = statistics.quantiles(times, n=20)
    return twentieths[9], twentieths[18]


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
