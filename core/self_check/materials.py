"""What an installation tries itself on: a few documents, made-up questions and answers, a tiny model."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from core.paths import resources

CARDS = 24  # enough for a search to have something to choose from, few enough to be read in seconds
SENTENCE = "Vademecum reads this sentence from a page of its own making."
_TURNS = (
    "{% for message in messages %}<|im_start|>{{ message['role'] + '\n' + message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def documents(folder: Path) -> list[Path]:
    """Write some cards of the starter library and a PDF of one page into ``folder``."""
    cards, page = folder / "cards.jsonl", folder / "page.pdf"
    with (resources() / "starter_library" / "cards.jsonl").open("rb") as file:
        cards.write_bytes(b"".join(itertools.islice(file, CARDS)))
    page.write_bytes(_pdf(SENTENCE))
    return [cards, page]


def question(cards: Path) -> tuple[str, frozenset[str]]:
    """Return a question that ``cards`` answer, and the PMIDs of those that do."""
    known = {card["id"]: card["pmid"] for card in map(json.loads, cards.read_text("utf-8").splitlines())}
    listed = json.loads((resources() / "starter_library" / "questions.json").read_text("utf-8"))
    entry = next(entry for entry in listed if entry["card_ids"] and set(entry["card_ids"]) <= set(known))
    return entry["question"], frozenset(known[name] for name in entry["card_ids"])


def pairs(file: Path, count: int = 12) -> Path:
    """Write made-up questions with evidence and answers to ``file`` and return it."""
    with file.open("w", encoding="utf-8") as lines:
        for number in range(count):
            found = f"drug {number} lowered the pressure of blood in {number} patients"
            pair = {
                "question": f"Does made-up drug {number} lower the pressure of blood?",
                "answer": f"Yes, {found}.",
                "context": f"In a made-up trial {found}. Nobody fell ill.",
            }
            lines.write(json.dumps(pair) + "\n")
    return file


def tiny_llama(folder: Path) -> Path:
    """Save a random Llama of about 30,000 parameters, whose tokens are bytes, and return ``folder``."""
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    tokenizer = _byte_tokenizer()
    end, start, stop = tokenizer.convert_tokens_to_ids(list(_SPECIAL))
    ids = {"pad_token_id": end, "bos_token_id": start, "eos_token_id": stop}
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        **ids,
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(config)  # type: ignore[no-untyped-call]
    model.generation_config = GenerationConfig(**ids)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _byte_tokenizer() -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={piece: i for i, piece in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in _SPECIAL])
    end, start, stop = _SPECIAL
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=end,
        bos_token=start,
        eos_token=stop,
        chat_template=_TURNS,
        clean_up_tokenization_spaces=False,
        model_max_length=4096,
    )


def _pdf(sentence: str) -> bytes:
    """Return a PDF of one page that says ``sentence``."""
    words = f"BT /F1 12 Tf 72 700 Td ({sentence}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(words)} >>\nstream\n{words}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {count}\n0000000000 65535 f \n{table}{end}".encode("ascii")
