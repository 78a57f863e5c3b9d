"""How much an answer has in common with the expected one. What that says of being right is little."""

from __future__ import annotations

from collections.abc import Sequence

from core.citations.markers import without_markers

ROUGE = ("rouge1", "rouge2", "rougeL")


def rouge(expected: str, answer: str, kinds: Sequence[str] = ROUGE) -> tuple[float, ...]:
    """Return an F-measure in [0, 1] for each of ``kinds`` (Lin 2004), of stems, markers left out."""
    from rouge_score.rouge_scorer import RougeScorer

    scores = RougeScorer(list(kinds), use_stemmer=True).score(
        without_markers(expected), without_markers(answer)
    )
    return tuple(float(scores[kind].fmeasure) for kind in kinds)


def bleu(expected: Sequence[str], answers: Sequence[str]) -> float | None:
    """Return BLEU of all ``answers`` together, 0 to 100 (Papineni et al. 2002; Post 2018); None for none."""
    from sacrebleu import corpus_bleu

    if not answers:
        return None
    clean = [without_markers(answer) for answer in answers]
    return round(float(corpus_bleu(clean, [[without_markers(text) for text in expected]]).score), 2)
