"""More from few pairs: the same question in other words, and evidence without the sections not needed for it.

Both only rearrange what is there. A rewriting model would vary more, and now and then change what is asked;
a template cannot: every word of the question, its numbers and its negations stay, in their order.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

from core.tuning.pairs import Evidence

# Openings that mean the same to whoever is asked.
_OPENINGS = (
    (re.compile(r"(?:please )?list ", re.IGNORECASE), ("Name ", "Give a list of ")),
    (re.compile(r"(?:please )?name ", re.IGNORECASE), ("List ", "Please name ")),
    (re.compile(r"(?:please )?describe ", re.IGNORECASE), ("Give a description of ", "Please describe ")),
    (re.compile(r"what(?: is|'s) the role of ", re.IGNORECASE), ("Describe the role of ",)),
    (re.compile(r"what(?: is|'s) the (?=mechanism |function )", re.IGNORECASE), ("Describe the ",)),
)
# Words that start a question and are no names, so that they can stand inside a sentence.
_ASKING = re.compile(
    r"(?:[Aa]re|[Cc]an|[Cc]ould|[Dd]id|[Dd]o|[Dd]oes|[Hh]ad|[Hh]as|[Hh]ave|[Hh]ow|[Ii]n|[Ii]s|[Mm]ight|[Ss]hould"
    r"|[Ww]as|[Ww]ere|[Ww]hat|[Ww]hen|[Ww]here|[Ww]hich|[Ww]ho|[Ww]hy|[Ww]ill|[Ww]ould) "
)
_BEFORE_A_QUESTION = (
    "According to the evidence, {}",
    "From what has been published, {}",
    "I would like to know: {}",
    "In the light of the evidence, {}",
)
_BEFORE_ANYTHING = (
    "Please answer this question: {}",
    "Here is my question: {}",
    "A question: {}",
    "What does the evidence say on this: {}",
)
# What an abstract calls the parts that answer a question. A part without a label may be one of them.
_ANSWERING = re.compile(r"result|conclu|finding|outcome|interpret|discussion|answer", re.IGNORECASE)
_FRAMED = re.compile(
    r"according to|from what|i would like|in the light|please answer|here is|a question:|what does the evid",
    re.IGNORECASE,
)


def paraphrases(question: str, rng: random.Random) -> str | None:
    """Return ``question`` in another wording that asks the same; None where no template fits.

    Equal states of ``rng`` give equal wordings.
    """
    question = question.strip()
    if not question or "\n" in question or _FRAMED.match(question):
        return None
    wordings = _opened_anew(question)
    if _ASKING.match(question):
        asked = question[0].lower() + question[1:]
        wordings += [frame.format(asked) for frame in _BEFORE_A_QUESTION]
    return rng.choice([*wordings, *(frame.format(question) for frame in _BEFORE_ANYTHING)])


def _opened_anew(question: str) -> list[str]:
    if "?" in question[:-1]:  # more than one question: only a frame around all of it is safe
        return []
    for opening, others in _OPENINGS:
        if found := opening.match(question):
            rest = question[found.end() :]
            if not found[0].lower().startswith("what"):
                return [other + rest for other in others if not question.startswith(other)]
            return [other + rest.rstrip().removesuffix("?") + "." for other in others]
    return []


def drop_sections(evidence: Evidence, rng: random.Random, chance: float) -> Evidence:
    """Return ``evidence`` without each of its sections that do not answer, left out with this ``chance``.

    Results, conclusions and sections without a label, which may be either, always stay, and at least one
    section does.
    """
    draws = [rng.random() < chance for _ in evidence.sections]
    kept = tuple(
        (label, text)
        for (label, text), dropped in zip(evidence.sections, draws, strict=True)
        if not (dropped and label and not _ANSWERING.search(label))
    )
    return replace(evidence, sections=kept or evidence.sections[-1:])
