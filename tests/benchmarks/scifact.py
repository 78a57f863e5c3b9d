"""Retrieval on SciFact's 300 test claims, through the program's own import and search.

Needs ``data/scifact`` of the shared folder. A document scores as its best chunk. Beside it, in the same run:
BM25 of SQLite's FTS5 over whole documents, and an exact search over the same vectors, which shows what the
approximate index loses. Exit status 1 if hybrid search stays below nDCG@10 0.72.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import sqlite3
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.cancel import CancelToken
from core.evaluation.ranking import ndcg, recall, reciprocal_rank
from core.retrieval.embedder import Embedder, Vectors
from core.retrieval.retriever import Retriever
from core.runtime import Runtime
from core.settings import RetrievalSettings
from tests.benchmarks import common

LIBRARY = "scifact"
REQUIRED = 0.72  # nDCG@10 of hybrid search
DEFAULT = "hybrid, normalised"
EXACT = "peer: exact vectors (NumPy)"
FTS5 = "peer: words (SQLite FTS5)"
TIMED = 100  # claims
MODES = {
    "dense": RetrievalSettings(mode="dense"),
    "lexical": RetrievalSettings(mode="lexical"),
    DEFAULT: RetrievalSettings(mode="hybrid", fusion="normalised"),
    "hybrid, reciprocal rank": RetrievalSettings(mode="hybrid", fusion="reciprocal_rank"),
}
_DEPTH = 400  # chunks asked for, so that 100 documents are among them
_LITERAL = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)

Qrels = Mapping[str, frozenset[str]]  # claim id -> ids of the documents that bear on it
Search = Callable[[str], list[str]]  # claim -> document ids, best first


def main() -> int:
    """Measure; return 1 if hybrid search is below what is required."""
    parser = common.options_of(__doc__)
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the library there, and use it again"
    )
    options = parser.parse_args()
    data = common.shared_data()
    if data is None or not (data / "scifact").is_dir():
        print("scifact: skipped, there is no data/scifact in the shared folder", file=sys.stderr)
        return 0
    report = common.Report("scifact")
    with common.runtime(options.keep) as runtime, sqlite3.connect(":memory:") as connection:
        retriever = _library(runtime, data / "scifact", report)
        best = _measure(report, retriever, connection, data / "scifact")
    report.must(best >= REQUIRED, f"hybrid nDCG@10 is {best:.4f}, required {REQUIRED}")
    return report.finish(options.json)


def _measure(
    report: common.Report, retriever: Retriever, connection: sqlite3.Connection, folder: Path
) -> float:
    """Add the table of all searches; return nDCG@10 of the default one."""
    common.say("Searching")
    task, external = read_task(folder), _external_ids(retriever)
    embedder, words = retriever._embedder(), _fts5(connection, folder)
    known = Remembering(embedder)
    remembering = Retriever(retriever.libraries, lambda: known)
    judged = {name: _ours(remembering, mode, external) for name, mode in MODES.items()}
    judged |= {EXACT: _exact(remembering, external), FTS5: words}
    timed = {name: _product(retriever, mode) for name, mode in MODES.items()}
    timed |= {EXACT: _exact(retriever, external), FTS5: words}
    scores = {name: _score(search, task) for name, search in judged.items()}
    times = _times(timed, list(task.claims.values())[:TIMED])
    report.table(
        f"SciFact, {len(task.claims)} test claims (required: hybrid nDCG@10 >= {REQUIRED})",
        ("search", "nDCG@10", "Recall@100", "MRR@10", "ms a query, median", "95 %"),
        [_row(name, scores[name], times[name]) for name in scores],
    )
    return scores[DEFAULT].ndcg


class Remembering:
    """An embedder that embeds the same text once."""

    def __init__(self, embedder: Embedder) -> None:
        self.fingerprint, self.dim = embedder.fingerprint, embedder.dim
        self.rules, self.batch, self.beside = embedder.rules, embedder.batch, embedder.beside
        self._embedder = embedder
        self._known: dict[tuple[str, ...], Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode``."""
        if (key := tuple(texts)) not in self._known:
            self._known[key] = self._embedder.encode(texts)
        return self._known[key]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.encode_queries``; the default model encodes questions as it does passages."""
        return self.encode(texts)


@dataclass(frozen=True, slots=True)
class Task:
    """The claims to search for, by id, and what should be found."""

    claims: Mapping[str, str]
    qrels: Qrels


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over all claims, each in [0, 1]."""

    ndcg: float
    recall: float
    mrr: float


def read_task(folder: Path) -> Task:
    """Read BEIR's test qrels and the claims they name."""
    qrels: dict[str, set[str]] = {}
    for line in (folder / "qrels.test.txt").read_text("utf-8").splitlines():
        claim, _, document, relevance = line.split()
        if int(relevance) > 0:
            qrels.setdefault(claim, set()).add(document)
    rows = (row for name in ("train", "validation") for row in _rows(folder, f"claims_{name}"))
    texts = {row["id"]: row["claim"] for row in rows}
    return Task(
        {claim: texts[claim] for claim in qrels}, {claim: frozenset(ids) for claim, ids in qrels.items()}
    )


def corpus(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the documents as BEIR has them; the abstract is a printed NumPy array of sentences."""
    for row in _rows(folder, "corpus"):
        sentences = [ast.literal_eval(found) for found in _LITERAL.findall(row["abstract"])]
        yield {"_id": row["doc_id"], "title": row["title"], "text": " ".join(sentences)}


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    csv.field_size_limit(2**30)
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _library(runtime: Runtime, folder: Path, report: common.Report) -> Retriever:
    """Import the corpus unless it is there, and open it."""
    if LIBRARY not in runtime.shelf.names():
        source = runtime.home.root / "corpus.jsonl"
        source.write_text("".join(json.dumps(entry) + "\n" for entry in corpus(folder)), "utf-8")
        common.say("Importing SciFact (minutes)")
        done = runtime.add(LIBRARY, [source], CancelToken(), lambda *step: None)
        report.table(
            "Import of SciFact",
            ("documents", "chunks", "failed", "seconds", "chunks/s"),
            [(done.documents, done.chunks, done.failed, done.seconds, done.chunks / done.seconds)],
        )
    return runtime.retriever([LIBRARY])


def _external_ids(retriever: Retriever) -> dict[str, str]:
    """Return SciFact's ids of our documents."""
    store = retriever.libraries[0].store
    return {document.id: document.external_id for document in store.documents(0, store.counts()[0])}


def _ours(retriever: Retriever, settings: RetrievalSettings, external: Mapping[str, str]) -> Search:
    def search(claim: str) -> list[str]:
        passages = retriever.search(claim, settings, _DEPTH)
        return list(dict.fromkeys(external[passage.document.id] for passage in passages))

    return search


def _product(retriever: Retriever, settings: RetrievalSettings) -> Search:
    """Return the search as the program runs it for a person: ten passages."""
    return lambda claim: [passage.document.id for passage in retriever.search(claim, settings, 10)]


def _exact(retriever: Retriever, external: Mapping[str, str]) -> Search:
    library, embed = retriever.libraries[0], retriever._embedder()
    keys, vectors = library.store.all_vectors(library.dense.dim)
    owners = [external[chunk.document_id] for chunk in library.store.chunks(keys.tolist())]

    def search(claim: str) -> list[str]:
        order = np.argsort(-(vectors @ embed.encode([claim])[0]), kind="stable")[:_DEPTH]
        return list(dict.fromkeys(owners[i] for i in order))

    return search


def _fts5(connection: sqlite3.Connection, folder: Path) -> Search:
    connection.execute("CREATE VIRTUAL TABLE d USING fts5(id UNINDEXED, body, tokenize='porter unicode61')")
    entries = ((entry["_id"], f"{entry['title']}\n{entry['text']}") for entry in corpus(folder))
    connection.executemany("INSERT INTO d VALUES (?, ?)", entries)

    def search(claim: str) -> list[str]:
        query = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", claim))
        found = connection.execute("SELECT id FROM d WHERE d MATCH ? ORDER BY rank LIMIT 100", (query,))
        return [identifier for (identifier,) in found]

    return search


def _score(search: Search, task: Task) -> Scores:
    ranked = [
        ([document in task.qrels[claim] for document in search(text)], len(task.qrels[claim]))
        for claim, text in task.claims.items()
    ]
    return Scores(
        statistics.fmean(ndcg(hits, right) for hits, right in ranked),
        statistics.fmean(recall(hits, right) for hits, right in ranked),
        statistics.fmean(reciprocal_rank(hits) for hits, _ in ranked),
    )


def _times(searches: Mapping[str, Search], claims: Sequence[str]) -> dict[str, list[float]]:
    """Return milliseconds a claim; the searches take turns, so that none has the quieter minutes."""
    times: dict[str, list[float]] = {name: [] for name in searches}
    for claim in claims:
        for name, search in searches.items():
            times[name].append(common.seconds(partial(search, claim)) * 1000)
    return times


def _row(name: str, scores: Scores, times: Sequence[float]) -> list[object]:
    twentieths = statistics.quantiles(times, n=20)
    return [name, scores.ndcg, scores.recall, scores.mrr, twentieths[9], twentieths[18]]


if __name__ == "__main__":
    sys.exit(main())
