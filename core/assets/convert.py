"""From GGUF to a model folder in Hugging Face format: safetensors, tokenizer, chat template.

transformers turns the weights back into numbers. The tokenizer is built here, from the same file: what
transformers 5.17 makes of it has the wrong end of turn (``<|im_start|>``), no padding, and other digits.
"""

from __future__ import annotations

from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from core.errors import AssetRefused

CONTROL = 3  # GGUF's token type for special tokens


def convert(gguf: Path, folder: Path) -> None:
    """Write the model in ``gguf`` to ``folder`` as 32-bit safetensors, with its tokenizer.

    Raises:
        AssetRefused: the file does not hold what a chat model needs.
    """
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    tokenizer = _tokenizer(_metadata(gguf), gguf.name)
    with redirect_stderr(StringIO()):  # the progress bar for GGUF files takes no notice of the line above
        model: Any = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, dtype=torch.float32, local_files_only=True
        )
    # save_pretrained refuses a model that came from GGUF, although it holds plain numbers by now.
    model.hf_quantizer = None
    del model.config.quantization_config
    ids = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    model.config.update(ids)
    model.generation_config = GenerationConfig(**ids)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder, max_shard_size="5GB")
    tokenizer.save_pretrained(folder)


def _metadata(gguf: Path) -> dict[str, Any]:
    from gguf import GGUFReader

    try:
        fields = GGUFReader(gguf).fields
        return {name: field.contents() for name, field in fields.items()}
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise AssetRefused(f"{gguf.name} is not a whole GGUF file: {error}.") from error


def _tokenizer(metadata: dict[str, Any], name: str) -> Any:
    """Return the tokenizer that the model was trained with, end of turn as end of text.

    Digits are cut one by one before anything else, which is what "smollm" means in GGUF.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    if (metadata["tokenizer.ggml.model"], metadata["tokenizer.ggml.pre"]) != ("gpt2", "smollm"):
        raise AssetRefused(f"{name} has a tokenizer that Vademecum does not know.")
    tokens: list[str] = metadata["tokenizer.ggml.tokens"]
    merges = [tuple(pair.split(" ")) for pair in metadata["tokenizer.ggml.merges"]]
    raw = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    raw.decoder = decoders.ByteLevel()
    kinds: list[int] = metadata["tokenizer.ggml.token_type"]
    special = [token for token, kind in zip(tokens, kinds, strict=True) if kind == CONTROL]
    raw.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=raw,
        bos_token=tokens[metadata["tokenizer.ggml.bos_token_id"]],
        eos_token=tokens[metadata["tokenizer.ggml.eos_token_id"]],
        pad_token=tokens[metadata["tokenizer.ggml.padding_token_id"]],
        unk_token=tokens[metadata["tokenizer.ggml.unknown_token_id"]],
        chat_template=metadata["tokenizer.chat_template"],
        model_max_length=metadata["llama.context_length"],
        clean_up_tokenization_spaces=False,
    )
