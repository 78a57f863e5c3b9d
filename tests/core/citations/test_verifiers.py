"""Any local verifier folder can be used: each layout is recognised, and read the way round it was made."""

import json
from pathlib import Path

import pytest

from core.citations.classifier import Calibration, ClassifierVerifier
from core.citations.verifiers import load_verifier
from core.errors import ModelUnusable
from core.paths import resources
from tests.fakes.tiny_models import make_tiny_llama
from tests.fakes.tiny_verifiers import BAD, make_tiny_detector, make_tiny_judge

CLAIM, EVIDENCE = "Zinc shortens colds.", "Zinc shortened colds by a day in adults."
NLI = ["contradiction", "entailment", "neutral"]


def label(verifier, claim=CLAIM, evidence=EVIDENCE):
    (verdict,) = verifier.support([claim], [evidence])
    return verdict.label


@pytest.mark.parametrize(
    ("says", "expected"),
    [("entailment", "supported"), ("neutral", "unsupported"), ("contradiction", "contradicted")],
)
def test_that_classes_of_inference_are_read_by_name_whatever_their_order(tmp_path, says, expected):
    assert label(load_verifier(make_tiny_judge(tmp_path / "nli", NLI, says))) == expected


@pytest.mark.parametrize(
    ("labels", "says", "expected"),
    [
        (["LABEL_0", "LABEL_1"], "LABEL_1", "supported"),
        (["LABEL_0", "LABEL_1"], "LABEL_0", "unsupported"),
        (["supported", "unsupported"], "supported", "supported"),
        (["supported", "unsupported"], "unsupported", "unsupported"),
        (["hallucinated", "consistent"], "consistent", "supported"),
    ],
)
def test_that_of_two_classes_the_supported_one_is_found(tmp_path, labels, says, expected):
    assert label(load_verifier(make_tiny_judge(tmp_path / "two", labels, says))) == expected


def test_that_a_made_up_word_of_the_claim_counts_and_one_of_the_evidence_does_not(tmp_path):
    verifier = load_verifier(make_tiny_detector(tmp_path / "detector"))
    assert label(verifier, evidence=f"{EVIDENCE} {BAD}") == "supported"
    assert label(verifier, claim=f"Zinc {BAD} shortens colds.") == "unsupported"


def test_that_our_own_layout_loses_next_to_nothing_by_its_eight_bits(tmp_path):
    import numpy as np
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from training.verifier import LABELS, NAMES, logits_of, save

    folder = make_tiny_judge(tmp_path / "whole", list(NAMES), "entailment")
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    torch.nn.init.normal_(model.classifier.weight, std=1.0, generator=torch.Generator().manual_seed(1))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    examples = [{"claim": CLAIM, "evidence": EVIDENCE, "label": LABELS[0]}]
    exact = logits_of(model, tokenizer, examples)
    save(model, tokenizer, tmp_path / "ours", {"temperature": 2.0, "supported": 0.4, "weak": 0.2})
    verifier = load_verifier(tmp_path / "ours")
    (verdict,) = verifier.support([CLAIM], [EVIDENCE])
    powers = np.exp(exact[0] / 2.0)
    assert verdict.score == pytest.approx(powers[0] / powers.sum(), abs=0.01)


@pytest.mark.parametrize("kind", ["judge", "two", "detector"])
def test_that_pairs_longer_than_the_model_reads_are_judged_all_the_same(tmp_path, kind):
    folder = tmp_path / kind
    if kind == "detector":
        verifier = load_verifier(make_tiny_detector(folder, tokens=48))
    else:
        labels = NLI if kind == "judge" else ["LABEL_0", "LABEL_1"]
        verifier = load_verifier(make_tiny_judge(folder, labels, labels[1], tokens=48))
    for claim, evidence in [(CLAIM, EVIDENCE * 40), (CLAIM * 40, EVIDENCE), (CLAIM * 40, EVIDENCE * 40)]:
        assert label(verifier, claim, evidence) == "supported"


def test_that_verdicts_come_in_the_order_of_the_pairs(tmp_path):
    verifier = load_verifier(make_tiny_detector(tmp_path / "detector"))
    claims = [f"Zinc {BAD if number % 3 == 0 else 'cold'} {'word ' * number}" for number in range(40)]
    labels = [verdict.label for verdict in verifier.support(claims, [EVIDENCE] * 40)]
    assert labels == ["unsupported" if number % 3 == 0 else "supported" for number in range(40)]


def test_that_no_pair_is_no_verdict(tmp_path):
    assert list(load_verifier(make_tiny_detector(tmp_path / "detector")).support([], [])) == []


def test_that_thresholds_make_the_verdict():
    verifier = ClassifierVerifier(lambda claims, evidence: None, Calibration(1.0, 0.6, 0.3))
    rows = [(0.6, 0.4, 0.0), (0.5, 0.45, 0.05), (0.2, 0.7, 0.1), (0.3, 0.3, 0.4)]
    labels = [verifier.verdict(row).label for row in rows]
    assert labels == ["supported", "weak", "unsupported", "contradicted"]


def broken(folder: Path, how: str) -> Path:
    if how == "language model":
        return make_tiny_llama(folder)
    make_tiny_judge(folder, NLI if how != "four classes" else ["a", "b", "c", "d"], "neutral")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    if how == "pickle":
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    elif how == "cut short":
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-500])
    elif how == "own code":
        config["auto_map"] = {"AutoModelForSequenceClassification": "evil.Model"}
    elif how == "nameless classes":
        config["id2label"] = {str(at): f"LABEL_{at}" for at in range(3)}
    elif how == "without tokenizer":
        for name in ("tokenizer.json", "tokenizer_config.json"):
            (folder / name).unlink()
    elif how == "newer":
        (folder / "verifier.json").write_text('{"version": 99}', "utf-8")
    elif how == "no json":
        (folder / "config.json").write_text("{", "utf-8")
        return folder
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


@pytest.mark.parametrize(
    "how",
    [
        "language model",
        "four classes",
        "pickle",
        "cut short",
        "own code",
        "nameless classes",
        "without tokenizer",
        "newer",
        "no json",
    ],
)
def test_that_a_folder_that_is_no_verifier_is_refused_in_words(tmp_path, how):
    folder = broken(tmp_path / "folder", how)
    with pytest.raises(ModelUnusable, match=r"Cannot load the verifier|weights|damaged") as refused:
        load_verifier(folder)
    assert refused.value.hint


def test_that_a_missing_folder_is_refused_in_words(tmp_path):
    with pytest.raises(ModelUnusable):
        load_verifier(tmp_path / "nothing")


@pytest.mark.skipif(not (resources() / "verifiers").is_dir(), reason="no verifier comes with the program")
def test_that_the_verifier_we_ship_is_small_and_tells_support_from_other_matters():
    (folder,) = (resources() / "verifiers").iterdir()
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 25_000_000
    verifier = load_verifier(folder)
    claim = "Vitamin C lowers the frequency of pain syndrome after wrist fractures."
    told, other = verifier.support(
        [claim, claim],
        [
            "Vitamin C lowered the frequency of regional pain syndrome after wrist fractures.",
            "Nurses who adjusted insulin doses reached glucose targets sooner.",
        ],
    )
    assert told.label == "supported"
    assert other.label == "unsupported"
