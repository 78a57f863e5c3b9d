"""Sentences that can do harm if they are wrong: doses, interactions of drugs, contraindications.

Such a sentence is never shown as a fact unless a quote supports it. What is looked for is wide on purpose: a
harmless sentence that is taken for one of these only has to have its source, as any should.
"""

from __future__ import annotations

import re

from core.citations.quantities import figures

_DOSED = frozenset(("mass", "units", "pieces", "drops", "puffs", "charge"))
_BELOW = frozenset(("mass", "days"))  # per kilogram, per day; per litre is a concentration
_GIVEN = re.compile(
    r"\b(?:dos(?:e|es|ed|age|ages|ing)|tak(?:e|es|en|ing)|giv(?:e|en|ing)|administ\w+|inject\w*|infus\w+|"
    r"prescri\w+|receiv\w+|treat\w*|start\w*|titrat\w+|bolus|tablets?|capsules?|oral(?:ly)?|intravenous(?:ly)?|"
    r"subcutaneous(?:ly)?|daily|twice|a day|per day|every \w+ hours|inhal\w+|loading)\b"
    r"|\b(?:i\.?v\.?|p\.?o\.?|b\.?i\.?d\.?|t\.?i\.?d\.?|q\.?d\.?)(?!\w)",
    re.IGNORECASE,
)
_DOSING = re.compile(
    r"\b(?:(?:maximum|minimum|usual|recommended|starting|initial|loading|maintenance|therapeutic|lethal|safe|higher|"
    r"lower|daily|double|half|adult|p(?:a)?ediatric) dos(?:e|es|age)|overdos\w*|(?:increase|reduce|"
    r"double|halve|adjust|"
    r"lower|raise|skip|stop|discontinu\w+)\w* (?:the |your |their |its )?(?:dos(?:e|es|age)|medic\w+|"
    r"drug))\b",
    re.IGNORECASE,
)
_INTERACTION = re.compile(
    r"\b(?:drug|food|herb)s?[- ](?:drug )?interactions?\b|\binteracts? with\b|\binteractions? (?:with|"
    r"between)\b|"
    r"\bcontra-?indicat\w+|\b(?:co-?administ\w+|co-?prescri\w+|concomitant\w*|combined use)\b|"
    r"\b(?:must|should|may|can|do|does)(?: not|n['\u2019]t)(?: be)? (?:tak\w+|giv\w+|us\w+|combin\w+|"
    r"prescri\w+|"
    r"mix\w*|administ\w+)\b|"
    r"\b(?:can|may|is safe to|are safe to) be (?:combined|mixed|taken together|taken with|used with|"
    r"given with)\b|"
    r"\bavoid\w*\b.{0,40}\b(?:with|in patients|in pregnan\w+|during pregnan\w+|together)\b|"
    r"\btogether with\b.{0,60}\b(?:bleed\w*|toxic\w*|serotonin|arrhythmi\w*|hyperkal\w*)\b|"
    r"\bsafe (?:in|during) (?:pregnan\w+|breast-?feeding|lactation|renal|children)\b|"
    r"\b(?:inhibit|induc|potentiat)\w*\b.{0,40}\b(?:metabolism|clearance|cyp\w*)\b",
    re.IGNORECASE,
)


def is_critical(sentence: str) -> bool:
    """True if ``sentence`` states a dose, an interaction of drugs or a contraindication."""
    return _states_dose(sentence) or bool(_DOSING.search(sentence) or _INTERACTION.search(sentence))


def _states_dose(sentence: str) -> bool:
    """True for "5 mg/kg" and "10 mg twice daily", not for "12 g/dl" or a tumour of 5 g."""
    for quantity in figures(sentence).quantities:
        if not quantity.measure or quantity.measure[0] not in _DOSED:
            continue
        below = quantity.measure[1:]
        if below and set(below) <= _BELOW:
            return True
        if not below and _GIVEN.search(sentence):
            return True
    return False
