"""Write the test sets that no model may be trained on into resources/test_sets, without their sentences.

    python packaging/make_test_sets.py [--shared DIR] [--out DIR]

Of each item its PMID and the hashed content words of its question; see training/data/test_sets.py.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable
from pathlib import Path

import msgspec

from core.paths import Home
from core.tuning.pairs import Pair
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source
from training.data.test_sets import KnownTestSet, examined, item

ROOT = Path(__file__).resolve().parent.parent


def pubmedqa(folder: Path) -> KnownTestSet:
    """Return the 500 items that PubMedQA's leaderboard is measured on."""
    questions = json.loads((folder / "ori_pqal.json").read_text("utf-8"))
    test = json.loads((folder / "test_ground_truth.json").read_text("utf-8"))
    items = tuple(item(questions[pmid]["QUESTION"], pmid) for pmid in sorted(test, key=int))
    return KnownTestSet("PubMedQA test", items, "PubMedQA (Jin et al. 2019), MIT, test_ground_truth.json")


def scifact(folder: Path) -> KnownTestSet:
    """Return the 300 claims of BEIR's SciFact test split; its documents have no PMIDs."""
    test = {line.split()[0] for line in (folder / "qrels.test.txt").read_text("utf-8").splitlines() if line}
    with (folder / "claims_validation.csv").open(encoding="utf-8", newline="") as stream:
        claims = {row["id"]: row["claim"] for row in csv.DictReader(stream) if row["id"] in test}
    if missing := test - claims.keys():
        raise SystemExit(f"{len(missing)} claims of the test split are not in claims_validation.csv")
    items = tuple(item(claims[number]) for number in sorted(claims, key=int))
    return KnownTestSet("SciFact test", items, "SciFact (Wadden et al. 2020) as in BEIR, qrels.test")


def bioasq(folder: Path) -> KnownTestSet:
    """Return the BioASQ questions that our own adapter is examined on; see ``examined``."""
    home = Home(folder / "none")
    found = [
        pair
        for path in sorted(folder.glob("*_golden.json"))
        for pair in read_pairs(Source(str(path), "bioasq"), home)
        if isinstance(pair, Pair) and examined(pair.id)
    ]
    named = dict.fromkeys((pair.question, document) for pair in found for document in sorted(pair.documents))
    items = tuple(item(question, document) for question, document in named)
    return KnownTestSet("BioASQ held out", items, "BioASQ 7b-9b, questions with sha256(id) % 10 == 0")


def made(shared: Path) -> dict[str, bytes]:
    """Return the files by name."""
    sets: Iterable[tuple[str, KnownTestSet]] = (
        ("pubmedqa.json", pubmedqa(shared / "data" / "pubmedqa")),
        ("bioasq.json", bioasq(shared / "data" / "bioasq")),
        ("scifact.json", scifact(shared / "data" / "scifact")),
    )
    return {name: _json(test_set) for name, test_set in sets}


def _json(test_set: KnownTestSet) -> bytes:
    """One item a line, the version first: it tells the file from one of pairs."""
    plain = msgspec.to_builtins(test_set)
    head = {key: plain[key] for key in ("vademecum_test_set", "name", "origin")}
    items = b",\n".join(msgspec.json.encode(one) for one in test_set.items)
    return msgspec.json.encode(head)[:-1] + b',"items":[\n' + items + b"\n]}\n"


def main() -> None:
    """Write the files and say how many items each has."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "test_sets")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for name, content in made(given.shared).items():
        (given.out / name).write_bytes(content)
        print(f"{given.out / name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
