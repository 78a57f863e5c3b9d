"""Embedders: the quick way gives the same vectors, and every change of a model is noticed."""

import shutil

import numpy as np
import pytest

from core.errors import ModelUnusable
from core.retrieval.embedder import (
    SentenceEmbedder,
    TransformerEmbedder,
    fingerprint_of,
    load_embedder,
    simple_plan,
)

TEXTS = ["aspirin inhibits platelets", "", "a much longer sentence about wound care " * 30]


@pytest.mark.models
def test_that_the_quick_way_gives_the_vectors_of_sentence_transformers(models_home):
    folder = models_home.models / "all-minilm-l6-v2"
    quick, whole = load_embedder(folder), SentenceEmbedder.load(folder)
    assert isinstance(quick, TransformerEmbedder)
    np.testing.assert_allclose(quick.encode(TEXTS), whole.encode(TEXTS), atol=1e-6)
    assert quick.fingerprint == whole.fingerprint
    assert quick.dim == whole.dim == 384


def test_that_vectors_have_length_one_and_the_order_of_the_texts(tiny_embedder):
    embedder = load_embedder(tiny_embedder)
    vectors = embedder.encode(TEXTS)
    assert vectors.shape == (3, embedder.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(embedder.encode([TEXTS[2]])[0], vectors[2], atol=1e-5)


def test_that_no_texts_give_an_empty_matrix(tiny_embedder):
    embedder = load_embedder(tiny_embedder)
    assert embedder.encode([]).shape == (0, embedder.dim)


def test_that_another_maximum_length_is_another_fingerprint(tiny_embedder, tmp_path):
    copy = tmp_path / tiny_embedder.name
    shutil.copytree(tiny_embedder, copy)
    assert fingerprint_of(copy) == fingerprint_of(tiny_embedder)
    rules = copy / "sentence_bert_config.json"
    rules.write_text(rules.read_text().replace("256", "128") + " ")
    assert fingerprint_of(copy) != fingerprint_of(tiny_embedder)


def test_that_a_model_with_prompts_is_left_to_sentence_transformers(tiny_embedder, tmp_path):
    copy = tmp_path / "prompted"
    shutil.copytree(tiny_embedder, copy)
    (copy / "config_sentence_transformers.json").write_text('{"prompts": {"query": "query: "}}')
    assert simple_plan(copy) is None


def test_that_a_folder_that_is_no_embedder_is_explained(tmp_path):
    with pytest.raises(ModelUnusable, match="Cannot load the embedder") as caught:
        load_embedder(tmp_path)
    assert "vademecum assets verify" in caught.value.hint
