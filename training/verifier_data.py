"""Pairs of a claim and the evidence for it, from which the verifier learns.

Read from the public files as they are published: SciFact's training claims and corpus, BioASQ's questions
with snippets and ideal answers, PubMedQA's questions outside its test set. What belongs to a test set is left
out: titles and opposites on abstracts that SciFact's validation claims are about, and the BioASQ questions
and PubMedQA items that answers are examined on.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from core.citations.words import content
from core.evaluation.results import Label
from core.evaluation.scifact import Claim, Corpus, closest, judged, read_claims, read_corpus
from core.library.text import sentence_spans
from training.data.test_sets import examined
from training.verifier_flips import flipped

Part = Literal["train", "calibration", "validation"]
CALIBRATION = 6  # one in so many of the training claims is kept for calibration


@dataclass(frozen=True, slots=True)
class Example:
    """A claim, the sentences it is judged by, and the judgement; ``group`` keeps what belongs together
    apart."""

    claim: str
    evidence: str
    label: Label
    group: str
    source: str


def examples(data: Path, seed: int = 0) -> dict[Part, list[Example]]:
    """Return everything, in parts; ``data`` is the folder with scifact, bioasq and pubmedqa."""
    chance = random.Random(seed)
    corpus = read_corpus(data / "scifact" / "corpus.csv")
    validation = read_claims(data / "scifact" / "claims_validation.csv")
    claims = read_claims(data / "scifact" / "claims_train.csv")
    kept_out = {claim.document for claim in validation}
    calibration = {claim.document for claim in claims if int(claim.document) % CALIBRATION == 0}
    train = [claim for claim in claims if claim.document not in calibration]
    learned = [*_judged(train, corpus), *_beside(train, corpus, chance)]
    learned += _titles(corpus, kept_out | calibration, chance)
    learned += [*_bioasq(data / "bioasq", chance), *_pubmedqa(data / "pubmedqa")]
    # validation holds the opposites of many training claims: those must not be made here
    learned += list(_flips([one for one in learned if one.group not in kept_out], chance))
    return {
        "train": learned,
        "calibration": _judged([claim for claim in claims if claim.document in calibration], corpus),
        "validation": _judged(validation, corpus),
    }


def _judged(claims: Sequence[Claim], corpus: Corpus) -> list[Example]:
    return [
        Example(one.claim, one.evidence, one.label, one.document, "scifact") for one in judged(claims, corpus)
    ]


def _beside(claims: Sequence[Claim], corpus: Corpus, chance: random.Random) -> Iterator[Example]:
    """Yield claims with sentences that do not tell: others of the same abstract, and of another one."""
    known: dict[tuple[str, str], set[int]] = {}
    for claim in claims:
        known.setdefault((claim.text, claim.document), set()).update(claim.evidence)
    documents = sorted(corpus)
    for (text, document), places in known.items():
        sentences = corpus[document][1]
        others = [place for place in closest(text, sentences) if place not in places]
        for place in others[1:3] if places else others[:4]:
            yield Example(text, sentences[place], "unsupported", document, "scifact beside")
        other = corpus[chance.choice(documents)][1]
        if other:
            yield Example(text, other[closest(text, other)[0]], "unsupported", document, "scifact elsewhere")


def _titles(corpus: Corpus, kept_out: set[str], chance: random.Random) -> Iterator[Example]:
    """Yield titles that state a finding with the sentence that reports it, and with one that does not."""
    for document in sorted(corpus.keys() - kept_out):
        title, sentences = corpus[document]
        if len(sentences) < 4:
            continue
        places = closest(title, sentences)
        best = sentences[places[0]]
        words = content(title)
        if flipped(title, chance) and len(words & content(best)) >= 0.5 * len(words):
            yield Example(_closed(title), best, "supported", document, "title")
            yield Example(_closed(title), sentences[places[-1]], "unsupported", document, "title")


def _bioasq(folder: Path, chance: random.Random) -> Iterator[Example]:
    """Yield sentences of ideal answers with the snippet that is closest, and with one of another question."""
    questions = [
        q for file in sorted(folder.glob("*.json")) for q in json.loads(file.read_text("utf-8"))["questions"]
    ]
    questions = [
        q for q in questions if not examined(q["id"]) and q.get("snippets") and q.get("ideal_answer")
    ]
    snippets = [[_sentences(snippet["text"]) for snippet in q["snippets"]] for q in questions]
    for number, question in enumerate(questions):
        own = [sentence for snippet in snippets[number] for sentence in snippet]
        ideal = question["ideal_answer"]
        for claim in _sentences(ideal if isinstance(ideal, str) else ideal[0])[:3]:
            yield from _answered(claim, own, question["id"], "bioasq")
            other = chance.choice(snippets)
            if other and other[0]:
                yield Example(claim, other[0][0], "unsupported", question["id"], "bioasq elsewhere")
        if question["type"] == "yesno":
            yield from _yes_no(
                question["body"], question["exact_answer"], own, question["id"], "bioasq yes/no"
            )


def _answered(claim: str, own: Sequence[str], group: str, source: str) -> Iterator[Example]:
    """Yield a sentence of an answer with those it was written from, and with one that does not tell."""
    words, places = content(claim), closest(claim, own)
    if len(words) < 4 or not places:
        return
    best = " ".join(own[place] for place in sorted(places[:2]))
    if len(words & content(best)) >= 0.6 * len(words):
        yield Example(claim, best, "supported", group, source)
    far = [place for place in places if len(words & content(own[place])) < 0.25 * len(words)]
    if far:
        yield Example(claim, own[far[0]], "unsupported", group, f"{source} beside")


def _yes_no(question: str, decision: Any, own: Sequence[str], group: str, source: str) -> Iterator[Example]:
    """Yield a question turned into a statement, with the sentences closest to it."""
    decision = str(decision[0] if isinstance(decision, list) else decision).strip().lower()
    claim = statement(question)
    if decision not in ("yes", "no") or not claim or not own:
        return
    places = closest(claim, own)
    evidence = " ".join(own[place] for place in sorted(places[:2]))
    yield Example(claim, evidence, "supported" if decision == "yes" else "contradicted", group, source)


def _pubmedqa(folder: Path) -> Iterator[Example]:
    """Yield questions turned into statements with the conclusion of their abstract; no item of the test
    set."""
    test = json.loads((folder / "test_ground_truth.json").read_text("utf-8"))
    items = json.loads((folder / "ori_pqal.json").read_text("utf-8"))
    for pmid, item in items.items():
        if pmid in test:
            continue
        conclusion, context = _sentences(item["LONG_ANSWER"]), _sentences(" ".join(item["CONTEXTS"]))
        yield from _yes_no(item["QUESTION"], item["final_decision"], conclusion, pmid, "pubmedqa yes/no")
        for claim in conclusion[:1]:
            yield from _answered(claim, context, pmid, "pubmedqa")


_ASKS = re.compile(r"(?i)^(is|are|was|were|do|does|did|can|could|should|may|has|have|will)\s+(.+?)\?*\s*$")


def statement(question: str) -> str:
    """Return a yes/no question as what "yes" would state, roughly: "Does X raise Y?" as "X does raise Y."."""
    asked = _ASKS.match(question.strip())
    if not asked:
        return ""
    verb, rest = asked.group(1).lower(), asked.group(2)
    words = rest.split()
    cut = next((at for at, word in enumerate(words[1:], 1) if _PREDICATE.fullmatch(word.lower())), None)
    if cut is None:
        return ""
    said = " ".join([*words[:cut], *([] if verb in ("do", "does", "did") else [verb]), *words[cut:]])
    return _closed(said[0].upper() + said[1:])


_PREDICATE = re.compile(
    r"associated|effective|useful|safe|related|linked|involved|caused|used|able|available|necessary|important|"
    r"approved|indicated|considered|predictive|a|an|the|better|superior|beneficial|increased?|reduced?|improve|"
    r"affect|cause|have|influence|predict|play|lead|promote|prevent|protect|increase|decrease|regulate|inhibit|"
    r"induce|contribute|correlate|interact|bind|help|need|be|differ|change|require|contain|alter|exist|treat|"
    r"more|present|possible|different|correlated|dependent|expressed|regulated|known|common|required|\w+ed"
)


def _flips(learned: Sequence[Example], chance: random.Random) -> Iterator[Example]:
    """Yield claims turned into their opposite: what was supported is contradicted, what was untold stays
    so."""
    for example in learned:
        if example.label == "contradicted":
            continue
        keep = example.label == "supported" or chance.random() < 0.25
        if keep and (opposite := flipped(example.claim, chance)):
            label: Label = "contradicted" if example.label == "supported" else example.label
            yield replace(example, claim=opposite, label=label, source=f"{example.source} flipped")


def _sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


def _closed(text: str) -> str:
    text = text.strip("[] ")
    return text if text.endswith(".") else f"{text}."
