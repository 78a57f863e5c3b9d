"""Models small enough to make in a test: real formats and real code paths, no download, nothing learned.

Both make the same files from the same seed, so that tests can compare texts and vectors between runs.
"""

from __future__ import annotations

import json
import string
from itertools import product
from pathlib import Path

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
LETTERS = (string.ascii_lowercase + " ").encode()
GLUE = """
    a about after all also an and any are as at be been between but by can did do does done each for from had
    has have how i if in into is it its may more most no not of on only or our should such than that the their
    them then there these they this those to was we were what when where which who why will with would you
"""
STOP_WORDS = frozenset(GLUE.split())


def make_tiny_llama(
    folder: Path, *, seed: int = 0, context: int = 8192, width: int = 32, writes: bytes = LETTERS
) -> Path:
    """Save a random Llama of about 30,000 parameters (at ``width`` 32) into ``folder`` and return it.

    One token is one byte of UTF-8, so ``context`` is in bytes. Sampled at temperature 1 it writes ``writes``
    in no order, and ends by itself now and then (``<|im_end|>``); greedy, it repeats itself.
    """
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    tokenizer = byte_tokenizer()
    ids = {name: tokenizer.convert_tokens_to_ids(name) for name in SPECIAL}
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        tie_word_embeddings=False,
        initializer_range=0.3,  # large enough for every earlier token to make a difference
        bos_token_id=ids["<|im_start|>"],
        eos_token_id=ids["<|im_end|>"],
        pad_token_id=ids["<|endoftext|>"],
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
        liked = [tokenizer.convert_tokens_to_ids(_as_byte_level(byte)) for byte in writes]
        _prefer(model, liked, ids["<|im_end|>"])
    model.generation_config = GenerationConfig(
        bos_token_id=config.bos_token_id, eos_token_id=config.eos_token_id, pad_token_id=config.pad_token_id
    )
    model.save_pretrained(folder)
    tokenizer.model_max_length = context
    tokenizer.save_pretrained(folder)
    return folder


def make_tiny_embedder(folder: Path, *, dim: int = 64, max_tokens: int = 256) -> Path:
    """Save a sentence-transformers folder into ``folder`` and return it.

    Its similarity is that of a bag of words: near 1 for texts of the same words, near 0 for texts that share
    none but stop words. Words are cut into pieces of three letters, so any Latin text will do.
    """
    import torch
    from transformers import BertConfig, BertModel

    vocabulary = _word_pieces()
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        # A LayerNorm epsilon of 1 keeps the short vectors of stop words short; 1e-12 would lengthen them.
        config = BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=dim,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=dim,
            max_position_embeddings=max_tokens,
            layer_norm_eps=1.0,
        )
        model = BertModel(config)
        for name, weight in model.named_parameters():
            if "LayerNorm" not in name:
                weight.zero_()  # attention and feed-forward add nothing: what is left is the words themselves
        words = torch.randn(len(vocabulary), dim)
        faint = [i for i, piece in enumerate(vocabulary) if piece in STOP_WORDS or len(piece.strip("#")) != 3]
        words[faint] *= 0.05
        model.embeddings.word_embeddings.weight.copy_(words)
    model.save_pretrained(folder)
    _save_word_tokenizer(folder, vocabulary, max_tokens)
    _save_pooling(folder, dim, max_tokens)
    return folder


def make_tiny_pair(folder: Path, *, dim: int = 64, query_dim: int = 64) -> Path:
    """Save two random BERTs, for questions and for articles, into ``folder`` and return it."""
    import torch
    from transformers import BertConfig, BertModel

    vocabulary = _word_pieces()
    for part, width in (("query", query_dim), ("article", dim)):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(len(part))
            config = BertConfig(
                vocab_size=len(vocabulary),
                hidden_size=width,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=width,
                initializer_range=0.3,
            )
            BertModel(config).save_pretrained(folder / part)
        _save_word_tokenizer(folder / part, vocabulary, 512)
    return folder


def make_tiny_reranker(folder: Path, *, labels: int = 1, max_tokens: int = 256) -> Path:
    """Save a random BERT that scores pairs of texts into ``folder`` and return it."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    vocabulary = _word_pieces()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=max_tokens,
            num_labels=labels,
            initializer_range=0.3,
        )
        BertForSequenceClassification(config).save_pretrained(folder)
    _save_word_tokenizer(folder, vocabulary, max_tokens)
    return folder


def byte_tokenizer():
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={piece: i for i, piece in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=CHATML,
        clean_up_tokenization_spaces=False,
    )


def _as_byte_level(byte: int) -> str:
    """The printable stand-in that byte-level vocabularies use for ``byte`` (GPT-2's table)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return chr(byte) if byte in printable else chr(256 + others.index(byte))


def _prefer(model, liked: list[int], end: int) -> None:
    """Give every position one constant feature, and let the output layer like ``liked`` by it."""
    import torch

    with torch.no_grad():
        model.model.embed_tokens.weight[:, 0] = 5.0
        for layer in model.model.layers:  # which no layer writes to
            layer.self_attn.o_proj.weight[0] = 0.0
            layer.mlp.down_proj.weight[0] = 0.0
        head = model.lm_head.weight
        head[:, 0] = -4.0
        head[liked, 0] = 4.0
        head[end] = 0.0
        head[end, 0] = 3.5


def _word_pieces() -> list[str]:
    letters, digits = string.ascii_lowercase, string.digits
    triples = ["".join(three) for three in product(letters, repeat=3)]
    short = [*digits, *letters, *("".join(two) for two in product(letters, repeat=2))]
    whole = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.punctuation, *short, *triples]
    whole += sorted(word for word in STOP_WORDS if len(word) > 3)
    return [*whole, *(f"##{piece}" for piece in (*short, *triples))]


def _save_word_tokenizer(folder: Path, vocabulary: list[str], max_tokens: int) -> None:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    ids = {piece: i for i, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(vocab=ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=max_tokens,
        clean_up_tokenization_spaces=False,
    ).save_pretrained(folder)


def _save_pooling(folder: Path, dim: int, max_tokens: int) -> None:
    module = "sentence_transformers.models"
    steps = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
    modules = [
        {"idx": i, "name": name, "path": path, "type": f"{module}.{kind}"}
        for i, (name, path, kind) in enumerate(steps)
    ]
    pooling = {"word_embedding_dimension": dim, "pooling_mode_mean_tokens": True}
    for path, body in {
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": max_tokens, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {}, "default_prompt_name": None},
        "1_Pooling/config.json": pooling,
        "2_Normalize/config.json": {},
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(body), "utf-8")
