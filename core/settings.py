"""Every setting, declared once: its meaning, bounds and default. Stored as ``settings.toml``.

The window, the command line and the workers read the same file; only the window and the command line write
it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import msgspec
import tomli_w
from msgspec import Meta

from core.decoding import UNDECODABLE
from core.errors import SettingsInvalid
from core.types import Fusion, Grade, SearchMode

if TYPE_CHECKING:
    from core.paths import Home

Device = Literal["auto", "cuda", "cpu"]
Precision = Literal["auto", "float32", "float16", "bfloat16"]
Quantisation = Literal["none", "8bit", "4bit"]
Appearance = Literal["system", "light", "dark"]
RULES_ALONE = "rules"  # in the place of a verifier's name


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which models answer, and where they run.

    Attributes:
        language: name of a folder under ``models``, or the path of any folder in Hugging Face format.
        embedder: likewise, a sentence-transformers folder, or a pair of encoders in folders ``query`` and
            ``article``, as of MedCPT.
        reranker: likewise, a cross-encoder that puts the best passages in order; empty for none.
        verifier: name or folder of a model that judges whether quotes support sentences; empty for the one
            that comes with the program; "rules" for the rules and likeness alone.
        device: "auto" takes CUDA when the weights fit in its free memory, else the CPU.
        precision: of the weights; "auto" is bfloat16, but float16 on older GPUs and float32 on older CPUs.
        quantisation: by bitsandbytes while loading.
        context: tokens of prompt and answer together.
    """

    language: str = "smollm2-135m-grounded"
    embedder: str = "all-minilm-l6-v2"
    reranker: str = ""
    verifier: str = ""
    device: Device = "auto"
    precision: Precision = "auto"
    quantisation: Quantisation = "none"
    context: Annotated[int, Meta(ge=256, le=131_072)] = 4096


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How tokens are drawn.

    Attributes:
        temperature: 0 always takes the likeliest token.
        top_p: keep the likeliest tokens up to this share of probability.
        max_new_tokens: longest answer, in tokens.
        answers: how many answers to write to one question.
        repetition_penalty: above 1 makes words already written less likely.
        refuse_at: how likely in [0, 1] the model must find it that the passages do not answer, to say so;
            see ``core.generation.sampling``; 0 leaves it to the drawing of tokens.
    """

    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] = 0.7
    top_p: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.9
    max_new_tokens: Annotated[int, Meta(ge=1, le=8192)] = 200
    answers: Annotated[int, Meta(ge=1, le=8)] = 1
    repetition_penalty: Annotated[float, Meta(ge=1.0, le=2.0)] = 1.05
    refuse_at: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.25


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    """How evidence is found.

    Attributes:
        mode: search by words, by vectors, or both.
        fusion: how both are combined: average of min-max normalised scores, or reciprocal rank.
        passages: most passages put before the model.
        candidates: results fetched from each side before fusing.
        evidence_tokens: most tokens of evidence in the prompt; the context still caps it.
        min_similarity: cosine in [-1, 1] the best passage must reach, or no answer is written.
        bind_threshold: agreement in [0, 1] a span must reach to be shown under an uncited sentence.
        min_support: how likely in [0, 1] the quotes must bear out the best sentence of an answer; below it
            the quotes are shown without the answer. The default is what our verifier calls supported.
        rerank_candidates: how many of the best passages the reranker reads, if there is one.
        grades: kinds of evidence, the strongest first; those not named come after the others.
    """

    mode: SearchMode = "hybrid"
    fusion: Fusion = "normalised"
    passages: Annotated[int, Meta(ge=1, le=50)] = 4
    candidates: Annotated[int, Meta(ge=10, le=10_000)] = 1000
    evidence_tokens: Annotated[int, Meta(ge=64, le=131_072)] = 900
    min_similarity: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.5
    bind_threshold: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.55
    min_support: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.4
    rerank_candidates: Annotated[int, Meta(ge=1, le=1000)] = 50
    grades: tuple[Grade, ...] = get_args(Grade)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one user.

    Attributes:
        libraries: those that are asked, together, when none is named.
        appearance: colours of the window.
        collect: keep answers that the user rates or corrects, and sources that are opened, on this computer,
            to learn from; see ``core.tuning.collected``.
    """

    libraries: tuple[str, ...] = ("starter",)
    appearance: Appearance = "system"
    collect: bool = False
    model: ModelSettings = field(default_factory=ModelSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    retrieval: RetrievalSettings = field(default_factory=RetrievalSettings)


def read_settings(path: Path) -> Settings:
    """Return the settings in ``path``, defaults where it says nothing or does not exist.

    Raises:
        SettingsInvalid: unreadable, a value of the wrong type or out of bounds, or an unknown name.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"Cannot read {path}: {error}.", f"Correct or delete {path}.") from error
    try:
        given = msgspec.toml.decode(text.encode(), type=dict[str, Any])
        if isinstance(given.get("library"), str):  # one library alone, as it was at first
            given.setdefault("libraries", [given.pop("library")])
        settings = msgspec.convert(given, Settings)
    except UNDECODABLE as error:
        raise SettingsInvalid(f"{path}: {error}.", f"Correct that line or delete {path}.") from error
    if unknown := unknown_name(given, msgspec.to_builtins(settings)):
        raise SettingsInvalid(
            f"{path}: there is no setting {unknown}.", f"Correct that line or delete {path}."
        )
    return settings


def settings_of(home: Home) -> Settings:
    """Return the settings that hold for a user: their own, under what the administrator has set.

    Raises SettingsInvalid as ``read_settings``.
    """
    return with_locked(read_settings(home.settings), home.policy.settings)


def with_locked(settings: Settings, locked: Mapping[str, Any]) -> Settings:
    """Return ``settings`` with the values of ``locked``, which has the layout of the file.

    Raises SettingsInvalid if ``locked`` holds an unknown name, or a value out of bounds.
    """
    if not locked:
        return settings
    values = msgspec.to_builtins(settings)
    if unknown := unknown_name(locked, values):
        raise SettingsInvalid(f"There is no setting {unknown}.")
    merged = {
        name: {**value, **locked[name]} if isinstance(locked.get(name), dict) else locked.get(name, value)
        for name, value in values.items()
    }
    try:
        return msgspec.convert(merged, Settings)
    except msgspec.MsgspecError as error:
        raise SettingsInvalid(f"{error}.") from error


def unknown_name(given: Mapping[str, Any], known: Mapping[str, Any], prefix: str = "") -> str:
    """Return the first name in ``given`` that ``known`` lacks, as "section.name", or an empty string."""
    for name, value in given.items():
        if name not in known:
            return prefix + name
        inner = zip(value, known[name], strict=False) if isinstance(value, list) else [(value, known[name])]
        for part, counterpart in inner:
            if isinstance(part, dict) and (unknown := unknown_name(part, counterpart, f"{name}.")):
                return unknown
    return ""


def checked(settings: Settings) -> Settings:
    """Return ``settings`` if every value is within its bounds, else raise SettingsInvalid."""
    try:
        return msgspec.convert(msgspec.to_builtins(settings), Settings)
    except msgspec.MsgspecError as error:
        raise SettingsInvalid(f"{error}.", "Choose a value within the bounds.") from error


def write_settings(path: Path, settings: Settings) -> None:
    """Write ``settings`` so that a crash leaves the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_bytes(tomli_w.dumps(msgspec.to_builtins(checked(settings))).encode())
    aside.replace(path)


def settings_hash(settings: Settings, *more: str) -> str:
    """Return 12 hexadecimal digits, equal for equal models, sampling, retrieval and ``more``."""
    body = msgspec.json.encode([settings.model, settings.sampling, settings.retrieval, list(more)])
    return hashlib.sha256(body).hexdigest()[:12]
