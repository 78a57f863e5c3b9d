"""Results of evaluations with made-up figures, as ``core.evaluation`` writes them."""

from __future__ import annotations

from core.evaluation.coverage import Point
from core.evaluation.results import (
    AnswersResult,
    AttributeScores,
    BiasResult,
    CitationQuality,
    CitationScores,
    CitationsResult,
    ClassScore,
    Comparison,
    Coverage,
    Estimate,
    GroupScores,
    ModeScores,
    RetrievalResult,
    SettingScores,
    VerifierScores,
)
from core.types import Rejected


def about(value: float, spread: float = 0.04) -> Estimate:
    return Estimate(value, max(0.0, value - spread), min(1.0, value + spread))


def setting(name: str, accuracy: float, refused: float) -> SettingScores:
    return SettingScores(
        setting=name,
        model="smollm2-135m-grounded",
        items=40,
        decisions=40,
        accuracy=about(accuracy),
        macro_f1=about(accuracy - 0.1),
        answered_accuracy=about(accuracy + 0.02),
        majority=0.55,
        rouge_1=about(0.31),
        rouge_2=about(0.12),
        rouge_l=about(0.25),
        bleu=4.2,
        found=None if name == "none" else about(0.83),
        before=CitationQuality(61, about(0.72), about(0.64)),
        after=CitationQuality(48, about(0.91), about(0.6)),
        invalid=0,
        made_up=3,
        refused=about(refused),
        verdicts={"supported": 31, "weak": 12, "unsupported": 9, "contradicted": 2, "unchecked": 0},
        reading_grade=13.1,
        latency_p50_s=2.1,
        latency_p95_s=4.8,
        timed=20,
        decision_counts={"yes": {"yes": 18, "no": 4}, "no": {"yes": 6, "no": 12}},
    )


RETRIEVAL = RetrievalResult(
    1,
    300,
    5183,
    16_204,
    (
        ModeScores("hybrid", about(0.71), about(0.94), about(0.68), 21.0, 44.0),
        ModeScores("dense", about(0.65), about(0.93), about(0.61), 14.0, 30.0),
        ModeScores("lexical", about(0.66), about(0.89), about(0.63), 4.0, 9.0),
    ),
    (Rejected("queries.jsonl", 17, "no text"),),
)
ANSWERS = AnswersResult(
    1,
    1211,
    (setting("gold", 0.62, 0.1), setting("withheld", 0.31, 0.8), setting("none", 0.52, 0.0)),
    (Comparison("none", "gold", 40, 15, 6, 10, 9, Estimate(0.1, -0.05, 0.24), 0.45),),
    Coverage(
        40,
        40,
        "confidence",
        tuple(Point(1 - n / 20, n / 20, 1 - 0.02 * n) for n in range(1, 20)),
        0.8,
        Point(0.75, 0.25, 0.9),
    ),
)
SECOND_ANSWERS = AnswersResult(1, 1211, (setting("gold", 0.67, 0.05), setting("none", 0.52, 0.0)), (), None)
CITATIONS = CitationsResult(
    1,
    450,
    tuple(
        VerifierScores(
            name,
            CitationScores(
                1,
                450,
                tuple(
                    ClassScore(label, 150, 0.7, value)
                    for label in ("supported", "contradicted", "unsupported")
                ),
                about(value),
                about(value + 0.05),
                (),
            ),
            ms,
        )
        for name, value, ms in (("rules", 0.45, 0.2), ("cosine", 0.52, 6.0), ("default", 0.67, 11.0))
    ),
)
BIAS = BiasResult(
    1,
    60,
    "smollm2-135m-grounded",
    tuple(
        AttributeScores(
            name,
            60,
            about(flips),
            about(flips / 2),
            about(0.1),
            about(0.2),
            tuple(GroupScores(variant, 60, about(0.6), 1.2, 0.4, 0.1) for variant in variants),
        )
        for name, flips, variants in (
            ("sex", 0.07, ("woman", "man")),
            ("age", 0.12, ("young", "old")),
            ("income", 0.05, ("low", "high")),
        )
    ),
)
PLANS = {
    "retrieval": {"corpus": "/data/scifact/corpus.jsonl", "queries": "/data/q.jsonl", "qrels": "/data/q.tsv"},
    "answers": {"dataset": "/data/ori_pqal.json", "format": "pubmedqa", "settings": ["gold", "none"]},
    "citations": {"claims": "/data/claims_dev.jsonl"},
    "bias": {"templates": "/data/vignettes.jsonl"},
}
RESULTS = {
    "retrieval": RETRIEVAL,
    "answers": ANSWERS,
    "citations": CITATIONS,
    "bias": BIAS,
}
