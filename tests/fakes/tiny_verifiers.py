"""Folders of tiny models that judge pairs, one of each layout that can be used as a verifier."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.tiny_models import _save_word_tokenizer, _word_pieces

BAD = "zzz"  # the word that a tiny token classifier holds for made up
_DIM = 32


def make_tiny_judge(folder: Path, labels: list[str], says: str, *, tokens: int = 128) -> Path:
    """Save a sequence classifier with ``labels``, in that order, that says ``says`` of everything."""
    import torch
    from transformers import BertForSequenceClassification

    vocabulary = _word_pieces()
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        model = BertForSequenceClassification(_config(len(vocabulary), labels, tokens))
        model.classifier.bias.copy_(torch.tensor([4.0 if label == says else 0.0 for label in labels]))
    model.save_pretrained(folder)
    _save_word_tokenizer(folder, vocabulary, tokens)
    return folder


def make_tiny_detector(folder: Path, *, tokens: int = 128) -> Path:
    """Save a token classifier that takes the word BAD for made up, and every other for supported."""
    import torch
    from transformers import BertForTokenClassification

    vocabulary = _word_pieces()
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        model = BertForTokenClassification(_config(len(vocabulary), ["LABEL_0", "LABEL_1"], tokens))
        for name, weight in model.named_parameters():
            if "LayerNorm" not in name:
                weight.zero_()  # every token is its own word and nothing else
        words = model.bert.embeddings.word_embeddings.weight
        words[:, 0] = 1.0
        words[vocabulary.index(BAD), :2] = torch.tensor([0.0, 1.0])
        model.classifier.weight[0, 0] = model.classifier.weight[1, 1] = 2.0
    model.save_pretrained(folder)
    _save_word_tokenizer(folder, vocabulary, tokens)
    return folder


def _config(words: int, labels: list[str], tokens: int):
    from transformers import BertConfig

    return BertConfig(
        vocab_size=words,
        hidden_size=_DIM,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=_DIM,
        max_position_embeddings=tokens,
        id2label=dict(enumerate(labels)),
        label2id={label: at for at, label in enumerate(labels)},
    )
