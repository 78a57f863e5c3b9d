"""Structured abstracts that were written as running text, with their labels in it."""

from __future__ import annotations

import re

# "BACKGROUND: ... METHODS AND RESULTS: ..."
_LABEL = re.compile(r"(?:^|(?<=\n)|(?<=[.?!:;)\]%] ))([A-Z][A-Z0-9 &/,()'-]{2,60}):(?=\s)")
_WORDS = re.compile(
    "AIM|APPROACH|AVAILABILITY|BACKGROUND|CASE|CLINICAL|CONCLUSION|CONTEXT|CRITERIA|DATA|DESIGN|DISCUSSION|"
    "EVIDENCE|FINDING|FUNDING|HYPOTHES|IMPLICATION|IMPORTANCE|INTERPRETATION|INTERVENTION|INTRODUCTION|LIMITATION|"
    "MAIN|MATERIAL|MEASURE|METHOD|MOTIVATION|OBJECTIVE|OUTCOME|PARTICIPANT|PATIENT|POPULATION|PROCEDURE|PURPOSE|"
    "QUESTION|RATIONALE|REGISTRATION|RELEVANCE|REPORT|RESULT|SAMPLE|SEARCH|SELECTION|SETTING|SIGNIFICANCE|STUDY|"
    "SUBJECT|SUMMARY|UNLABELLED"
)


def structured(abstract: str) -> list[tuple[str, str]]:
    """Cut ``abstract`` at its labels into (label, text); one that does not begin with a label has none.

    White space must be single, as ``records.clean`` leaves it.
    """
    labels = [found for found in _LABEL.finditer(abstract) if _WORDS.search(found[1])]
    if not labels or labels[0].start() > 0:
        return [("", abstract)]
    ends = [found.start() for found in labels[1:]] + [len(abstract)]
    return [
        ("" if found[1] == "UNLABELLED" else found[1], abstract[found.end() : end])
        for found, end in zip(labels, ends, strict=True)
    ]
