"""How a model folder wants texts to be encoded, told from its files alone; nothing is loaded."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

Pooling = Literal["mean", "cls", "other"]
Similarity = Literal["cosine", "dot"]
QUERY, ARTICLE = "query", "article"  # sub-folders of a pair of encoders, as of MedCPT
_PAIR_QUERY_TOKENS, _PAIR_ARTICLE_TOKENS = 64, 512  # what MedCPT was trained with
# Models whose folders do not say which prefixes they were trained with, by the folder's name.
_UNSAID = (
    (re.compile(r"\be5-(?:small|base|large)(?:-v2)?\b"), "query: ", "passage: "),
    (
        re.compile(r"\bbge-(?:small|base|large)-en\b"),
        "Represent this sentence for searching relevant passages: ",
        "",
    ),
)


@dataclass(frozen=True, slots=True)
class EncodingRules:
    """What has to be the same for vectors to be comparable; kept in the manifest of a library.

    Attributes:
        query_prefix, passage_prefix: put before a text.
        pooling: of the token vectors: their mean, the first one, or whatever sentence-transformers does.
        similarity: of two vectors: their cosine, or their inner product as it is.
        max_query_tokens, max_passage_tokens: longer texts are cut.
        normalised: vectors have length 1.
        paired: one encoder for queries and another for passages, which reads title and text as a pair.
    """

    query_prefix: str = ""
    passage_prefix: str = ""
    pooling: Pooling = "mean"
    similarity: Similarity = "cosine"
    max_query_tokens: int = 512
    max_passage_tokens: int = 512
    normalised: bool = True
    paired: bool = False


def rules_from(table: dict[str, Any] | None) -> EncodingRules:
    """Return the rules that a manifest has as a table; the usual ones where it has none, as in format 1."""
    return EncodingRules() if table is None else msgspec.convert(table, EncodingRules)


def is_pair(folder: Path) -> bool:
    """True if ``folder`` holds an encoder for queries and one for articles."""
    return all((folder / part / "config.json").is_file() for part in (QUERY, ARTICLE))


def rules_of(folder: Path) -> EncodingRules:
    """Return how the model in ``folder`` encodes.

    Raises:
        OSError, ValueError, KeyError, TypeError: a file is missing or damaged.
    """
    if is_pair(folder):
        return EncodingRules(
            pooling="cls",
            similarity="dot",
            max_query_tokens=min(_PAIR_QUERY_TOKENS, _positions(folder / QUERY)),
            max_passage_tokens=min(_PAIR_ARTICLE_TOKENS, _positions(folder / ARTICLE)),
            normalised=False,
            paired=True,
        )
    modules = _json(folder / "modules.json")
    kinds = [_kind(module) for module in modules]
    config = _json(folder / "config_sentence_transformers.json", {})
    query, passage = _prefixes(folder, config)
    tokens = int(_json(folder / "sentence_bert_config.json", {}).get("max_seq_length") or 0)
    tokens = tokens or _positions(folder / modules[0]["path"])
    dot = config.get("similarity_fn_name") in ("dot", "dot_score") and "Normalize" not in kinds
    return EncodingRules(
        query_prefix=query,
        passage_prefix=passage,
        pooling=_pooling(folder, modules),
        similarity="dot" if dot else "cosine",
        max_query_tokens=tokens,
        max_passage_tokens=tokens,
        normalised=not dot,
    )


def simple_plan(folder: Path) -> EncodingRules | None:
    """Return how to encode with the model in ``folder``, or None if it takes sentence-transformers to know.

    Simple is: an encoder in the folder itself, mean or CLS pooling, perhaps normalisation; no lower-casing.
    """
    if is_pair(folder):
        return None
    modules = _json(folder / "modules.json")
    kinds = [_kind(module) for module in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]) or modules[0]["path"]:
        return None
    given = _json(folder / "sentence_bert_config.json")
    rules = rules_of(folder)
    if given.get("do_lower_case") or not given.get("max_seq_length") or rules.pooling == "other":
        return None
    return rules


def fingerprint_of(folder: Path) -> str:
    """Return the folder's name and a hash of its weights and encoding rules, such as "minilm@0123456789ab".

    Pooling, prefixes and maximum length are in the JSON files, so a change of any of them counts as another
    embedder.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".json", ".txt", ".safetensors"} and path.name != "asset.json":
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"{folder.name}@{digest.hexdigest()[:12]}"


def _prefixes(folder: Path, config: dict[str, Any]) -> tuple[str, str]:
    """Return the prefixes of queries and passages: those named so, else the default one, else as known."""
    prompts = config.get("prompts") or {}
    default = prompts.get(config.get("default_prompt_name"), "")
    query = prompts.get("query") or default
    passages = (prompts.get(name) for name in ("passage", "document", "corpus"))
    passage = next(filter(None, passages), default)
    if not query and not passage:
        for name, known_query, known_passage in _UNSAID:
            if name.search(folder.name.lower()):
                return known_query, known_passage
    return query, passage


def _pooling(folder: Path, modules: list[dict[str, Any]]) -> Pooling:
    place = next((module["path"] for module in modules if _kind(module) == "Pooling"), None)
    if place is None:
        return "other"
    config = _json(folder / place / "config.json")
    if (mode := config.get("pooling_mode")) is not None:
        return mode if mode in ("mean", "cls") else "other"
    modes = {key for key, on in config.items() if on is True and key.startswith("pooling_mode_")}
    if modes == {"pooling_mode_mean_tokens"}:
        return "mean"
    return "cls" if modes == {"pooling_mode_cls_token"} else "other"


def _positions(folder: Path) -> int:
    """Return how many tokens the encoder in ``folder`` has places for."""
    return int(_json(folder / "config.json", {}).get("max_position_embeddings") or 512)


def _kind(module: dict[str, Any]) -> str:
    return str(module["type"]).rpartition(".")[2]


def _json(path: Path, default: Any = None) -> Any:
    if default is not None and not path.is_file():
        return default
    return json.loads(path.read_text("utf-8"))
