"""Which model folders there are, and whether one can be used: judged from its JSON files and headers alone.

Nothing is loaded, so this is quick and safe for a folder of unknown origin.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from core.errors import ModelUnusable
from core.paths import Home
from core.programs import get_default_models
from core.retrieval.encoding import ARTICLE, QUERY, is_pair
from core.weights import COPY_AGAIN, WRONG_TYPES, read_weights

ModelKind = Literal["language", "embedder"]  # what can be in use, and tuned
FolderKind = Literal["language", "embedder", "reranker"]
Use = Literal["language", "embedder", "reranker", "verifier"]  # what is chosen in the settings
WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
RANKERS = ("ForSequenceClassification",)
_JUDGES = (*RANKERS, "ForTokenClassification")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")

_KINDS: Mapping[FolderKind, str] = {
    "language": "a language model",
    "embedder": "an embedding model",
    "reranker": "a reranker",
}


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model folder that passed inspection.

    Attributes:
        name: of the folder.
        architecture: as in its config, such as "LlamaForCausalLM".
        parameters: how many numbers its weights are.
        bytes: size of the weights on disk.
        context: tokens it was made for, or None where it does not say.
        dtype: of the weights on disk, by its safetensors name ("F32", "BF16", ...).
        cache_values: numbers that attention keeps for each token of context; 0 where it does not say.
        quantised: the weights are stored quantised already.
    """

    name: str
    path: Path
    kind: FolderKind
    architecture: str
    parameters: int
    bytes: int
    context: int | None
    dtype: str
    has_chat_template: bool
    cache_values: int = 0
    quantised: bool = False


def find_model(home: Home, name_or_path: str, kind: FolderKind) -> Path:
    """Return the folder of an installed model by name, or of any other by path, having inspected it.

    Raises:
        ModelUnusable: there is none, it cannot be used, or it is a model of the other kind.
    """
    named = home.model(name_or_path)
    folder = named if named.is_dir() else Path(name_or_path).expanduser()
    if not folder.exists():
        raise ModelUnusable(
            f"There is no model {name_or_path}: neither in {home.models} nor as a folder.",
            f"{get_default_models()} Or choose another model.",
        )
    info = inspect_model(folder)
    if info.kind != kind:
        raise ModelUnusable(
            f"{folder} is {_KINDS[info.kind]}, not {_KINDS[kind]}.", f"Choose {_KINDS[kind]}."
        )
    return folder.resolve()


def installed(home: Home) -> list[ModelInfo]:
    """Return every usable model, the user's own and those that are only to be read, by name."""
    found = []
    folders = {each.name: each for place in reversed(home.model_folders) for each in _inside(place)}
    for _, folder in sorted(folders.items()):
        if folder.is_dir() and not folder.name.startswith("."):
            try:
                found.append(inspect_model(folder))
            except ModelUnusable:
                continue
    return found


def _inside(place: Path) -> list[Path]:
    try:
        return list(place.iterdir())
    except OSError:  # not there, or a share that is out of reach
        return []


def serves(folder: Path, use: Use) -> bool:
    """True for a model folder that does not say that it is for something else; quick, for lists.

    One that is damaged is taken for what is wanted. It says what is wrong when it is used.
    """
    if (folder / "modules.json").is_file() or is_pair(folder):
        return use == "embedder"
    if not (folder / "config.json").is_file():
        return False
    try:
        architecture = str((_json(folder / "config.json").get("architectures") or [""])[0])
    except (*WRONG_TYPES, ModelUnusable):
        return True
    if use == "embedder":
        return not architecture.endswith((*WRITERS, *_JUDGES))
    wanted = {"language": WRITERS, "reranker": RANKERS, "verifier": _JUDGES}[use]
    return not architecture or architecture.endswith(wanted)


def inspect_model(folder: Path) -> ModelInfo:
    """Return what ``folder`` says about itself.

    Raises:
        ModelUnusable: not a whole, safe model folder in Hugging Face format; the message says why.
    """
    try:
        return _inspected(folder)
    except (*WRONG_TYPES, OSError) as error:  # of what a file says, wherever it is used
        raise ModelUnusable(f"A file of {folder} is damaged ({type(error).__name__}).", COPY_AGAIN) from error


def _inspected(folder: Path) -> ModelInfo:
    if is_pair(folder):
        return _pair(folder)
    _must_be_model_folder(folder)
    modules = _json(folder / "modules.json") if (folder / "modules.json").is_file() else []
    core = folder / _first_module(folder, modules)
    config = _json(core / "config.json")
    _must_not_bring_code(core, config)
    if not any((core / name).is_file() or (folder / name).is_file() for name in TOKENIZERS):
        raise ModelUnusable(f"{folder} holds no tokenizer.", COPY_AGAIN)
    weights = read_weights(core)
    architecture = str((config.get("architectures") or [config.get("model_type", "unknown")])[0])
    kind: FolderKind = "embedder"
    if not modules:
        kind = "language" if architecture.endswith(WRITERS) else kind
        kind = "reranker" if architecture.endswith(RANKERS) else kind
    text = config.get("text_config") or config
    return ModelInfo(
        name=folder.resolve().name,
        path=folder,
        kind=kind,
        architecture=architecture,
        parameters=weights.parameters,
        bytes=weights.bytes,
        context=_context(folder, text, kind),
        dtype=weights.dtype,
        has_chat_template=_has_template(folder),
        cache_values=_cache_values(text),
        quantised=bool(config.get("quantization_config")),
    )


def _pair(folder: Path) -> ModelInfo:
    """Describe two encoders in one folder, of which the one for passages does most of the work."""
    query, article = inspect_model(folder / QUERY), inspect_model(folder / ARTICLE)
    return replace(
        article,
        name=folder.resolve().name,
        path=folder,
        parameters=query.parameters + article.parameters,
        bytes=query.bytes + article.bytes,
    )


def _must_be_model_folder(folder: Path) -> None:
    if folder.is_file():
        kind = "a GGUF model" if folder.suffix == ".gguf" else "a file"
        raise ModelUnusable(f"{folder} is {kind}, not a model folder.", "Choose a folder of safetensors.")
    if not folder.is_dir():
        raise ModelUnusable(f"There is no folder {folder}.", "Choose another model.")
    if (folder / "config.json").is_file() or (folder / "modules.json").is_file():
        return
    if (folder / "adapter_config.json").is_file():
        raise ModelUnusable(f"{folder} is an adapter, not a whole model.", "Merge it into its model first.")
    if any(folder.glob("*.gguf")):
        raise ModelUnusable(f"{folder} holds a GGUF model.", "Use the model's safetensors edition.")
    raise ModelUnusable(f"{folder} holds no config.json, so it is not a model folder.", COPY_AGAIN)


def _first_module(folder: Path, modules: Any) -> str:
    """Return the sub-folder of a sentence-transformers folder that holds the network; "" for others."""
    try:
        kinds = [str(module["type"]) for module in modules]
        path = str(modules[0]["path"]) if modules else ""
    except (KeyError, TypeError, IndexError) as error:
        raise ModelUnusable(f"{folder / 'modules.json'} is damaged.", COPY_AGAIN) from error
    if foreign := [kind for kind in kinds if not kind.startswith("sentence_transformers.")]:
        raise ModelUnusable(f"{folder} brings code of its own ({foreign[0]}).", "Choose another model.")
    if ".." in Path(path).parts or Path(path).is_absolute():
        raise ModelUnusable(f"{folder} points outside itself ({path}).", "Choose another model.")
    return path


def _must_not_bring_code(folder: Path, config: dict[str, Any]) -> None:
    tokenizer = folder / "tokenizer_config.json"
    parts = [config, _json(tokenizer) if tokenizer.is_file() else {}]
    if any(part.get("auto_map") for part in parts):
        raise ModelUnusable(
            f"{folder} brings program code of its own (auto_map), which Vademecum does not run.",
            "Choose a model of an architecture that transformers knows.",
        )


def _json(path: Path) -> Any:
    try:
        body = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelUnusable(f"{path} is missing or damaged.", COPY_AGAIN) from error
    if not isinstance(body, list if path.name == "modules.json" else dict):
        raise ModelUnusable(f"{path} is damaged.", COPY_AGAIN)
    return body


def _context(folder: Path, config: dict[str, Any], kind: FolderKind) -> int | None:
    said = [config.get(key) for key in ("max_position_embeddings", "n_positions", "max_seq_len")]
    if kind == "embedder" and (folder / "sentence_bert_config.json").is_file():
        said.insert(0, _json(folder / "sentence_bert_config.json").get("max_seq_length"))
    return next((value for value in said if isinstance(value, int)), None)


def _cache_values(config: dict[str, Any]) -> int:
    layers, heads = config.get("num_hidden_layers"), config.get("num_attention_heads")
    if not (layers and heads):
        return 0
    width = config.get("head_dim") or config.get("hidden_size", 0) // heads
    return int(2 * layers * (config.get("num_key_value_heads") or heads) * width)


def _has_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file() or (folder / "chat_template.json").is_file():
        return True
    config = folder / "tokenizer_config.json"
    return config.is_file() and bool(_json(config).get("chat_template"))
