"""Embedders: the quick way gives the same vectors, and every change of a model is noticed."""

import json
import shutil

import numpy as np
import pytest

from core.errors import ModelUnusable
from core.registry import inspect_model
from core.retrieval.embedder import (
    EncodingRules,
    SentenceEmbedder,
    TransformerEmbedder,
    fingerprint_of,
    load_embedder,
)
from tests.fakes.tiny_models import make_tiny_pair

TEXTS = ["aspirin inhibits platelets", "", "a much longer sentence about wound care " * 30]


@pytest.fixture
def in_32_bits(monkeypatch):
    """Compute as sentence-transformers does, whatever this processor is quick at."""
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)


@pytest.mark.usefixtures("in_32_bits")
@pytest.mark.models
def test_that_the_quick_way_gives_the_vectors_of_sentence_transformers(models_home):
    folder = models_home.models / "all-minilm-l6-v2"
    quick, whole = load_embedder(folder), SentenceEmbedder.load(folder)
    assert isinstance(quick, TransformerEmbedder)
    np.testing.assert_allclose(quick.encode(TEXTS), whole.encode(TEXTS), atol=1e-6)
    assert quick.fingerprint == whole.fingerprint
    assert quick.dim == whole.dim == 384


@pytest.mark.models
def test_that_16_bits_change_no_vector_by_more_than_a_thousandth(models_home, monkeypatch):
    import torch

    vectors = []
    for can in ({}, {"avx512_bf16": True}):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda can=can: can)
        vectors.append(load_embedder(models_home.models / "all-minilm-l6-v2").encode(TEXTS))
    cosines = (vectors[0] * vectors[1]).sum(1)
    assert cosines.min() > 0.999
    assert cosines.max() < 0.999999  # they are other numbers


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


@pytest.fixture
def variant(tiny_embedder, tmp_path):
    """Return a function that copies the tiny embedder under a name, with some of its files changed."""

    def make(name, **files):
        folder = tmp_path / name
        shutil.copytree(tiny_embedder, folder)
        for path, body in files.items():
            (folder / path.replace("__", "/")).with_suffix(".json").write_text(json.dumps(body))
        return folder

    return make


@pytest.mark.usefixtures("in_32_bits")
def test_that_prompts_of_the_folder_are_put_before_questions_and_passages(variant):
    prompts = {"query": "search query ", "document": "search document "}
    folder = variant("prompted", config_sentence_transformers={"prompts": prompts})
    quick, whole = load_embedder(folder), SentenceEmbedder.load(folder)
    assert isinstance(quick, TransformerEmbedder)
    native = whole._model
    np.testing.assert_allclose(quick.encode(TEXTS), native.encode_document(TEXTS), atol=1e-5)
    np.testing.assert_allclose(quick.encode_queries(TEXTS), native.encode_query(TEXTS), atol=1e-5)
    np.testing.assert_allclose(whole.encode_queries(TEXTS), native.encode_query(TEXTS), atol=1e-5)
    assert np.abs(quick.encode(TEXTS) - quick.encode_queries(TEXTS)).max() > 0.01


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("e5-base-v2", "query: ", "passage: "),
        ("bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("fine5-base", "", ""),
    ],
)
def test_that_models_whose_folders_are_silent_are_known_by_name(variant, name, query, passage):
    rules = load_embedder(variant(name)).rules
    assert (rules.query_prefix, rules.passage_prefix) == (query, passage)


@pytest.mark.usefixtures("in_32_bits")
def test_that_first_token_pooling_and_inner_product_are_those_of_sentence_transformers(variant):
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
    folder = variant(
        "dotted",
        modules=modules,
        config_sentence_transformers={"prompts": {}, "similarity_fn_name": "dot"},
        **{"1_Pooling__config": {"word_embedding_dimension": 64, "pooling_mode_cls_token": True}},
    )
    quick, whole = load_embedder(folder), SentenceEmbedder.load(folder)
    assert quick.rules == EncodingRules("", "", "cls", "dot", 256, 256, normalised=False)
    np.testing.assert_allclose(quick.encode(TEXTS), whole._model.encode(TEXTS), atol=1e-5)


@pytest.mark.usefixtures("in_32_bits")
def test_that_a_pair_reads_questions_alone_and_title_with_abstract_as_a_pair(tmp_path):
    """The layout and the rules of MedCPT, against transformers used as its authors do."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = make_tiny_pair(tmp_path / "pair")
    embedder = load_embedder(folder)
    passages = ["aspirin and platelets\naspirin inhibits platelets", "title alone", "long\n" + "word " * 900]
    questions = ["what inhibits platelets", "word " * 200]

    def expected(part, texts, most):
        tokenizer = AutoTokenizer.from_pretrained(folder / part)
        model = AutoModel.from_pretrained(folder / part).eval()
        read = tokenizer(texts, truncation=True, padding=True, max_length=most, return_tensors="pt")
        with torch.no_grad():
            return model(**read).last_hidden_state[:, 0].numpy()

    pairs = [list(text.partition("\n")[::2]) for text in passages]
    np.testing.assert_allclose(embedder.encode(passages), expected("article", pairs, 512), atol=1e-5)
    np.testing.assert_allclose(
        embedder.encode_queries(questions), expected("query", questions, 64), atol=1e-5
    )
    assert embedder.rules.paired
    assert embedder.rules.similarity == "dot"
    assert inspect_model(folder).kind == "embedder"


def test_that_two_encoders_that_do_not_fit_are_refused(tmp_path):
    folder = make_tiny_pair(tmp_path / "pair", query_dim=32)
    with pytest.raises(ModelUnusable, match="vectors of 32 and 64 values"):
        load_embedder(folder)


def test_that_a_folder_that_is_no_embedder_is_explained(tmp_path):
    with pytest.raises(ModelUnusable, match="Cannot load the embedder") as caught:
        load_embedder(tmp_path)
    assert "vademecum assets verify" in caught.value.hint
