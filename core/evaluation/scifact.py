"""SciFact (Wadden et al. 2020): claims, the abstracts they are about, and the sentences that settle them.

Read as the authors publish it (``claims_*.jsonl`` beside ``corpus.jsonl``) or as tables (``claims_*.csv``
beside ``corpus.csv``, where an abstract is a printed NumPy array of sentences).
"""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.citations.words import content
from core.errors import InputUnreadable
from core.evaluation.results import Label

Corpus = dict[str, tuple[str, tuple[str, ...]]]  # document id -> title and sentences

_LABELS: dict[str, Label] = {"SUPPORT": "supported", "CONTRADICT": "contradicted"}
_LITERAL = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_NUMBER = re.compile(r"\d+")
_CLOSEST = 2  # sentences that stand in for evidence where there is none


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim about one abstract; ``evidence`` are places of sentences in it, none if it does not tell."""

    id: str
    text: str
    label: Label
    document: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim, the sentences it is judged by, the right judgement, and the abstract they are from."""

    claim: str
    evidence: str
    label: Label
    document: str


def read_judged(claims: Path) -> list[Judged]:
    """Read a file of claims and the corpus beside it.

    Raises:
        InputUnreadable: a file is missing, or not in SciFact's layout; the message says what is lacking.
    """
    corpus = claims.parent / f"corpus{claims.suffix}"
    try:
        found = judged(read_claims(claims), read_corpus(corpus))
    except (OSError, UnicodeDecodeError) as error:
        raise InputUnreadable(f"Cannot read {claims} and {corpus.name} beside it: {error}.", _HINT) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        raise InputUnreadable(
            f"{claims} or {corpus.name} is not in SciFact's layout: {error!r}.", _HINT
        ) from error
    if not found:
        raise InputUnreadable(f"{claims} holds no claim.", _HINT)
    return found


_HINT = (
    "Give the path of claims_dev.jsonl or claims_validation.csv, with corpus.jsonl or corpus.csv beside it."
)


def read_corpus(file: Path) -> Corpus:
    """Read the abstracts."""
    if file.suffix == ".jsonl":
        return {str(row["doc_id"]): (row["title"], tuple(row["abstract"])) for row in _lines(file)}
    return {
        row["doc_id"]: (row["title"], tuple(ast.literal_eval(s) for s in _LITERAL.findall(row["abstract"])))
        for row in _rows(file)
    }


def read_claims(file: Path) -> list[Claim]:
    """Read the claims: one per set of evidence, or per cited document without evidence."""
    return list(_of_lines(file) if file.suffix == ".jsonl" else _of_table(file))


def judged(claims: Sequence[Claim], corpus: Corpus) -> list[Judged]:
    """Return one item a claim; without evidence, the two closest sentences stand in for it."""
    found = []
    for claim in claims:
        sentences = corpus[claim.document][1]
        places = claim.evidence or tuple(sorted(closest(claim.text, sentences)[:_CLOSEST]))
        evidence = " ".join(sentences[place] for place in places)
        found.append(Judged(claim.text, evidence, claim.label, claim.document))
    return found


def closest(claim: str, sentences: Sequence[str]) -> list[int]:
    """Return the places of ``sentences``, those that share most words with ``claim`` first."""
    words = content(claim)
    shared = [len(words & content(sentence)) for sentence in sentences]
    return sorted(range(len(sentences)), key=lambda place: -shared[place])


def _of_table(file: Path) -> Iterator[Claim]:
    for row in _rows(file):
        if row["evidence_label"]:
            places = tuple(int(place) for place in _NUMBER.findall(row["evidence_sentences"]))
            label = _LABELS[row["evidence_label"]]
            yield Claim(row["id"], row["claim"], label, row["evidence_doc_id"], places)
        else:
            for document in _NUMBER.findall(row["cited_doc_ids"]):
                yield Claim(row["id"], row["claim"], "unsupported", document, ())


def _of_lines(file: Path) -> Iterator[Claim]:
    for row in _lines(file):
        evidence = row["evidence"]
        for document, sets in evidence.items():
            for one in sets:
                label = _LABELS[one["label"]]
                yield Claim(str(row["id"]), row["claim"], label, str(document), tuple(one["sentences"]))
        for document in () if evidence else row["cited_doc_ids"]:
            yield Claim(str(row["id"]), row["claim"], "unsupported", str(document), ())


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as stream:
        yield from (json.loads(line) for line in stream if line.strip())


def _rows(file: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(2**30)
    with file.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
