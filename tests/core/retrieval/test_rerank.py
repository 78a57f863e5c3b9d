"""The cross-encoder: its scores are those of transformers, and what is none is refused."""

import numpy as np
import pytest

from core.errors import ModelUnusable
from core.registry import inspect_model
from core.retrieval.rerank import CrossEncoder
from tests.fakes.tiny_models import make_tiny_embedder, make_tiny_reranker

TEXTS = ["aspirin inhibits platelets", "wound care " * 300, "no"]


@pytest.mark.parametrize("labels", [1, 2])
def test_that_scores_are_those_of_transformers(tmp_path, labels):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = make_tiny_reranker(tmp_path / "reranker", labels=labels)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    expected = []
    for text in TEXTS:
        read = tokenizer("does aspirin help", text, truncation=True, max_length=256, return_tensors="pt")
        with torch.no_grad():
            logits = model(**read).logits[0]
        expected.append(float(logits[-1] - logits[0]) if labels == 2 else float(logits[0]))
    found = CrossEncoder.load(folder).score("does aspirin help", TEXTS)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert inspect_model(folder).kind == "reranker"


def test_that_an_embedder_is_no_reranker(tmp_path):
    folder = make_tiny_embedder(tmp_path / "embedder")
    with pytest.raises(ModelUnusable, match="lacks classifier"):
        CrossEncoder.load(folder)


def test_that_a_classifier_of_three_kinds_is_refused(tmp_path):
    with pytest.raises(ModelUnusable, match="tells 3 classes apart"):
        CrossEncoder.load(make_tiny_reranker(tmp_path / "three", labels=3))
