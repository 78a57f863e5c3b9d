"""Check the starter library's cards: their form, their PMIDs, and that no sentence is copied from a source.

    python packaging/check_cards.py [--shared DIR] [--cards FILE]

Exit status 1 if anything is wrong. Only the standard library is used; the PDFs are read with pdftotext
or pypdfium2 where either is at hand, and skipped aloud where neither is.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CARDS = ROOT / "resources" / "starter_library" / "cards.jsonl"
RUN_LENGTH = 8
MIN_WORDS, MAX_WORDS = 80, 200
MIN_CARDS, MIN_SPECIALTIES = 150, 10
FIELDS: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "pmid": (str, type(None)),
    "doi": (str, type(None)),
    "title": (str,),
    "authors": (list,),
    "journal": (str,),
    "year": (int,),
    "publication_types": (list,),
    "mesh": (list,),
    "language": (str,),
    "abstract": (str,),
    "specialty": (str,),
    "summary_of": (str,),
    "licence": (str,),
}
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")

Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with which card (`card` is `library` where it concerns them all)."""

    card: str
    what: str

    def __str__(self) -> str:
        return f"{self.card}: {self.what}"


def words(text: str) -> list[str]:
    """The words of a text: case-folded, without punctuation, a decimal number being one word."""
    plain = text.casefold().replace("\u2019", "'").replace("·", ".")
    return _WORD.findall(plain)


def runs(text: str, length: int = RUN_LENGTH) -> Iterator[str]:
    """Every run of `length` consecutive words."""
    found = words(text)
    for start in range(len(found) - length + 1):
        yield " ".join(found[start : start + length])


def read_cards(path: Path) -> list[Card]:
    """The cards of a JSON Lines file, one a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


# --- the cards themselves -------------------------------------------------------------------------------


def check_card(card: Card) -> Iterator[Problem]:
    """The form of one card."""
    name = str(card.get("id", "a card without id"))
    if set(card) != set(FIELDS):
        yield Problem(name, f"keys differ: {sorted(set(card) ^ set(FIELDS))}")
        return
    for key, kinds in FIELDS.items():
        if not isinstance(card[key], kinds):
            yield Problem(name, f"{key} has the wrong type: {card[key]!r}")
            return
    yield from _check_values(name, card)


def _check_values(name: str, card: Card) -> Iterator[Problem]:
    for key in ("title", "journal", "specialty", "summary_of", "licence", "language"):
        if not card[key].strip():
            yield Problem(name, f"{key} is empty")
    for key in ("publication_types", "mesh"):
        if not card[key] or not all(isinstance(item, str) and item for item in card[key]):
            yield Problem(name, f"{key} must be a list of words, not {card[key]!r}")
    count = len(card["abstract"].split())
    if not MIN_WORDS <= count <= MAX_WORDS:
        yield Problem(name, f"summary has {count} words, not {MIN_WORDS} to {MAX_WORDS}")
    if not 1900 <= card["year"] <= 2100:
        yield Problem(name, f"year {card['year']} is out of range")
    if card["pmid"] is not None and not re.fullmatch(r"[1-9]\d{0,7}", card["pmid"]):
        yield Problem(name, f"PMID {card['pmid']!r} is not valid")
    if card["doi"] is not None and not re.fullmatch(r"10\.\d{4,9}/\S+", card["doi"]):
        yield Problem(name, f"DOI {card['doi']!r} is not valid")
    if card["pmid"] is None and card["doi"] is None:
        yield Problem(name, "neither PMID nor DOI")


def check_library(cards: list[Card]) -> Iterator[Problem]:
    """What concerns all cards together: how many, how varied, nothing twice."""
    if len(cards) < MIN_CARDS:
        yield Problem("library", f"only {len(cards)} cards, {MIN_CARDS} are wanted")
    specialties = {card.get("specialty") for card in cards}
    if len(specialties) < MIN_SPECIALTIES:
        yield Problem("library", f"only {len(specialties)} specialties, {MIN_SPECIALTIES} are wanted")
    for key in ("id", "title", "abstract"):
        seen: set[str] = set()
        for card in cards:
            value = str(card.get(key, "")).casefold()
            if value in seen:
                yield Problem(str(card.get("id")), f"{key} occurs twice")
            seen.add(value)


# --- PMIDs that may not be used -------------------------------------------------------------------------


def retracted_pmids(path: Path) -> set[str]:
    """The PMIDs of a retraction list whose lines read `PMID:123,PMCID:PMC1`."""
    return set(re.findall(r"PMID:(\d+)", path.read_text(encoding="utf-8")))


def check_pmids(cards: list[Card], data: Path) -> Iterator[Problem]:
    """No card on a retracted publication, none on a PubMedQA test item."""
    retracted = retracted_pmids(data / "retractions" / "retracted-publications.txt")
    test_items = set(json.loads((data / "pubmedqa" / "test_ground_truth.json").read_text(encoding="utf-8")))
    for card in cards:
        if card["pmid"] in retracted:
            yield Problem(card["id"], f"PMID {card['pmid']} is retracted")
        if card["pmid"] in test_items:
            yield Problem(card["id"], f"PMID {card['pmid']} is a PubMedQA test item")


# --- sentences that may not be copied -------------------------------------------------------------------


def card_runs(cards: list[Card]) -> dict[str, set[str]]:
    """Each run of words in a title or a summary, and the cards it is in."""
    found: dict[str, set[str]] = {}
    for card in cards:
        for key in ("title", "abstract"):
            for run in runs(card[key]):
                found.setdefault(run, set()).add(card["id"])
    return found


def find_copies(cards: list[Card], sources: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """The runs the cards share with any of the sources, given as (name, text)."""
    wanted = card_runs(cards)
    told: set[tuple[str, str]] = set()
    for name, text in sources:
        for run in runs(text):
            for card in sorted(wanted.get(run, ())):
                if (card, run) not in told:
                    told.add((card, run))
                    yield Problem(card, f"shares with {name}: “{run}”")


def _strings(value: object) -> Iterator[str]:
    """Every string inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _pubmedqa(folder: Path) -> Iterator[tuple[str, str]]:
    records = json.loads((folder / "ori_pqal.json").read_text(encoding="utf-8"))
    for pmid, record in records.items():
        for text in (record["QUESTION"], " ".join(record["CONTEXTS"]), record["LONG_ANSWER"]):
            yield f"PubMedQA {pmid}", text


def _bioasq(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.json")):
        for question in json.loads(path.read_text(encoding="utf-8"))["questions"]:
            kept = {key: question.get(key) for key in ("body", "ideal_answer", "exact_answer", "snippets")}
            for text in _strings(kept):
                yield f"BioASQ {path.name}", text


def _scifact(folder: Path) -> Iterator[tuple[str, str]]:
    csv.field_size_limit(10_000_000)
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    yield f"SciFact {path.name}", cell.replace("', '", " ")


def _xml(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.iterdir()):
        if path.suffix in {".xml", ".nxml"}:
            for element in ET.parse(path).getroot().iter():
                if element.tag in {"AbstractText", "ArticleTitle", "article-title", "p", "title"}:
                    yield path.name, " ".join("".join(element.itertext()).split())


def _plain(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.iterdir()):
        if path.suffix in {".ris", ".csv", ".txt", ".nbib"}:
            yield path.name, path.read_text(encoding="utf-8", errors="replace")


def pdf_text(path: Path) -> str | None:
    """The text of a PDF by pdftotext or pypdfium2, or None where neither is at hand."""
    program = shutil.which("pdftotext")
    if program:
        done = subprocess.run([program, "-raw", str(path), "-"], capture_output=True, check=True)
        return done.stdout.decode("utf-8", errors="replace")
    try:
        pdfium = importlib.import_module("pypdfium2")
    except ImportError:
        return None
    with pdfium.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def without_line_numbers(text: str) -> str:
    """A draft's text without the number in front of each line, which would break runs of words."""
    return "\n".join(re.sub(r"^\s*\d{1,4}\s+", "", line) for line in text.splitlines())


def _guidelines(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.pdf")):
        text = pdf_text(path)
        if text is None:
            print(f"skipped: {path.name} (neither pdftotext nor pypdfium2 is at hand)")
            continue
        yield path.name, text
        yield path.name, without_line_numbers(text)


def sources(data: Path) -> Iterator[tuple[str, str]]:
    """All source texts of the shared data folder, as (name, text)."""
    readers = {
        "pubmedqa": _pubmedqa,
        "bioasq": _bioasq,
        "guidelines": _guidelines,
        "pubmed": _xml,
        "jats": _xml,
        "exports": _plain,
        "scifact": _scifact,
    }
    for name, read in readers.items():
        if (data / name).is_dir():
            yield from read(data / name)
        else:
            print(f"skipped: no {name} folder in {data}")
    if (data / "pubmed").is_dir():
        yield from _plain(data / "pubmed")


# --- the command ----------------------------------------------------------------------------------------


def check(cards: list[Card], shared: Path | None) -> list[Problem]:
    """All problems; without a shared folder, those that can be seen without the sources."""
    problems = [problem for card in cards for problem in check_card(card)]
    problems += check_library(cards)
    if shared is not None and not problems:
        problems += check_pmids(cards, shared / "data")
        problems += find_copies(cards, sources(shared / "data"))
    return problems


def main(arguments: list[str] | None = None) -> int:
    """Run the check from the command line."""
    parser = argparse.ArgumentParser(description="Check the starter library's cards.")
    parser.add_argument("--cards", type=Path, default=CARDS)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    options = parser.parse_args(arguments)
    shared: Path | None = options.shared
    if not (options.shared / "data").is_dir():
        print(f"skipped: comparison with the sources ({options.shared} has no data folder)")
        shared = None
    cards = read_cards(options.cards)
    problems = check(cards, shared)
    for problem in problems:
        print(problem)
    specialties = {card.get("specialty") for card in cards}
    print(f"{len(cards)} cards, {len(specialties)} specialties, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
