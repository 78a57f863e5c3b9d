"""The recipe of a fine-tuning run: every choice, typed and bounded. Stored as ``recipe.toml`` in the run.

The defaults are QLoRA (Dettmers et al. 2023, arXiv:2305.14314) with rank-stabilised scaling (Kalajdzievski
2023, arXiv:2312.03732) on all linear layers of a Llama.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli_w
from msgspec import Meta

from core.decoding import UNDECODABLE
from core.errors import RecipeInvalid
from core.settings import unknown_name

WeightPrecision = Literal["4bit", "8bit", "full"]
ComputePrecision = Literal["auto", "bf16", "fp16", "fp32"]
BackendChoice = Literal["auto", "plain", "unsloth"]
Schedule = Literal["linear", "cosine", "constant"]
Optimiser = Literal["auto", "paged_adamw_8bit", "adamw"]
DataFormat = Literal["auto", "pubmedqa", "bioasq", "medqa", "csv", "collected"]
Task = Literal["grounded", "closed"]
Wording = Literal["written", "quoted"]

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
SHORT_RUN = 100  # steps; a shorter run warms up for a tenth of them at most

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


@dataclass(frozen=True, slots=True)
class BaseChoice:
    """What is tuned.

    Attributes:
        model: name of an installed model, or the path of any Llama-family folder with safetensors weights.
        adapter: an adapter folder or run id to go on from (continual learning); empty starts a new one.
        weights: how the frozen base is held: 4 bits (NF4, double quantisation), 8 bits, or as it is.
    """

    model: str = "smollm2-135m-grounded"
    adapter: str = ""
    weights: WeightPrecision = "full"


@dataclass(frozen=True, slots=True)
class LoraChoice:
    """The adapter (Hu et al. 2021, arXiv:2106.09685).

    Attributes:
        rank: of the two factors.
        alpha: scales the adapter by alpha / sqrt(rank) when rank-stabilised, else by alpha / rank.
        dropout: share of adapter inputs that are dropped while training.
        targets: the linear layers that get an adapter.
    """

    rank: Annotated[int, Meta(ge=1, le=256)] = 16
    alpha: Annotated[int, Meta(ge=1, le=512)] = 16
    dropout: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.0
    rank_stabilised: bool = True
    targets: tuple[str, ...] = PROJECTIONS


@dataclass(frozen=True, slots=True)
class Source:
    """One file of question-answer pairs.

    Attributes:
        path: of the file; for "collected" it may be empty, which means the pairs collected in the app.
        weight: how often each of its pairs is taken; 0.5 takes half of them, 2 takes each twice.
        columns: for CSV and JSONL: our field ("question", "answer", "context", "decision", "document") to
            the column that holds it; what is left out is recognised by its name.
    """

    path: str = ""
    format: DataFormat = "auto"
    weight: Annotated[float, Meta(gt=0.0, le=10.0)] = 1.0
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataChoice:
    """What is learned from, and how it is put before the model.

    Attributes:
        task: "grounded" puts numbered passages before each question, as the app does, and wants ``[n]`` in
            the answer; "closed" asks the question with its own context only.
        wording: "written" learns the answers as they are, "quoted" the sentences of their evidence that say
            the same: a small model that quotes turns fewer facts round.
        validation: share of documents held out; pairs of one document are never split.
        max_length: tokens of a conversation; longer ones lose the end of their evidence, never the answer.
        passages: most passages of a grounded conversation; those that do not answer come from other pairs.
        hard_distractors: share of those others that are the ones our own search ranks highest for the
            question; the rest are drawn at random.
        unanswerable: share of grounded conversations without any answering passage, to be refused.
        paraphrase: share of questions that appear once more in another wording (by template).
        section_dropout: chance that a section of the evidence that is not needed is left out.
    """

    sources: tuple[Source, ...] = ()
    task: Task = "grounded"
    wording: Wording = "written"
    validation: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.1
    max_length: Annotated[int, Meta(ge=128, le=131_072)] = 2048
    packing: bool = True
    passages: Annotated[int, Meta(ge=1, le=20)] = 5
    hard_distractors: Share = 0.5
    unanswerable: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.125
    paraphrase: Share = 0.0
    section_dropout: Share = 0.0


@dataclass(frozen=True, slots=True)
class TrainingChoice:
    """How the adapter is trained.

    Attributes:
        learning_rate: highest one, after the warm-up.
        batch: conversations (packed rows when packing) a forward pass; ``accumulation`` of them make a step.
        epochs: passes over the data.
        max_steps: ends earlier; 0 does not.
        warmup_steps: scaled down in runs of fewer than 100 steps.
        weight_decay, max_gradient_norm: as usual; a norm of 0 does not clip.
        compute: precision of the computation; "auto" is bf16 where the GPU has it, else fp16; fp32 on a CPU.
        optimiser: "auto" is paged 8-bit AdamW on a GPU, AdamW in fp32 on a CPU.
        repeatable: compute on a GPU only with operations that give the same result every time, which may be
            slower; a CPU always does. unsloth does not keep to it.
        patience: evaluations without a better validation loss before the run ends early; 0 never does.
        evaluations: how often the validation loss is measured in a run.
        checkpoints: how often the run is saved; it is saved at the end and when stopped as well.
    """

    learning_rate: Annotated[float, Meta(gt=0.0, le=1.0)] = 3e-4
    schedule: Schedule = "linear"
    batch: Annotated[int, Meta(ge=1, le=1024)] = 1
    accumulation: Annotated[int, Meta(ge=1, le=1024)] = 8
    epochs: Annotated[float, Meta(gt=0.0, le=100.0)] = 1.0
    max_steps: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    warmup_steps: Annotated[int, Meta(ge=0, le=10_000)] = 10
    weight_decay: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.01
    max_gradient_norm: Annotated[float, Meta(ge=0.0, le=100.0)] = 1.0
    compute: ComputePrecision = "auto"
    optimiser: Optimiser = "auto"
    gradient_checkpointing: bool = True
    repeatable: bool = True
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    patience: Annotated[int, Meta(ge=0, le=100)] = 0
    evaluations: Annotated[int, Meta(ge=0, le=1000)] = 5
    checkpoints: Annotated[int, Meta(ge=1, le=1000)] = 5


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a run learns.

    Equal recipes give equal adapters on one machine; on its GPU only nearly equal ones with unsloth, on
    several cards, or where ``training.repeatable`` is off.

    Attributes:
        name: of the tuned model, as it will be listed; also a folder's name.
        backend: what trains; by itself unsloth where it can be imported and there is a GPU, else plain peft.
    """

    version: Literal[1] = 1
    kind: Literal["adapter"] = "adapter"
    name: Name = "my-assistant"
    backend: BackendChoice = "auto"
    base: BaseChoice = field(default_factory=BaseChoice)
    lora: LoraChoice = field(default_factory=LoraChoice)
    data: DataChoice = field(default_factory=DataChoice)
    training: TrainingChoice = field(default_factory=TrainingChoice)


@dataclass(frozen=True, slots=True)
class EmbedderRecipe:
    """A run that tunes the search model on pairs of question and passage.

    Multiple negatives ranking loss (Henderson et al. 2017, arXiv:1705.00652): the other passages of a batch
    are the wrong ones, and ``hard_negatives`` more are taken from what the untuned embedder ranks high.

    Attributes:
        base: name or path of a sentence-transformers folder.
        sources: files of pairs with evidence; "collected" takes the clicks and rated answers of the app.
        hard_negatives: for each question.
        validation: share of documents held out, on which nDCG@10 is measured before and after.
        max_tokens: of a passage; longer ones are cut.
    """

    version: Literal[1] = 1
    kind: Literal["embedder"] = "embedder"
    name: Name = "my-search"
    base: str = "all-minilm-l6-v2"
    sources: tuple[Source, ...] = ()
    learning_rate: Annotated[float, Meta(gt=0.0, le=1.0)] = 2e-5
    batch: Annotated[int, Meta(ge=2, le=4096)] = 32
    epochs: Annotated[float, Meta(gt=0.0, le=100.0)] = 1.0
    max_steps: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    warmup_share: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.1
    hard_negatives: Annotated[int, Meta(ge=0, le=16)] = 1
    validation: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.2
    max_tokens: Annotated[int, Meta(ge=16, le=8192)] = 256
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


AnyRecipe = Recipe | EmbedderRecipe


def read_recipe(path: Path) -> AnyRecipe:
    """Return the recipe in ``path``; its ``kind`` says of what, an adapter where it says nothing.

    Raises:
        RecipeInvalid: unreadable, an unknown name, a value of the wrong type or out of bounds.
    """
    try:
        given = msgspec.toml.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, *UNDECODABLE) as error:
        raise RecipeInvalid(f"Cannot read the recipe {path}: {error}.", "Choose another file.") from error
    return recipe_from(given, str(path))


def recipe_from(given: dict[str, Any], where: str = "recipe") -> AnyRecipe:
    """Return the recipe made of plain values; RecipeInvalid names the first one that is wrong."""
    kind: type[AnyRecipe] = EmbedderRecipe if given.get("kind") == "embedder" else Recipe
    try:
        recipe = msgspec.convert(given, kind)
    except msgspec.MsgspecError as error:
        raise RecipeInvalid(f"{where}: {error}.", "Correct that value.") from error
    if unknown := unknown_name(given, msgspec.to_builtins(recipe)):
        raise RecipeInvalid(f"{where}: there is no field {unknown}.", "Correct or delete that line.")
    return recipe


def changed(recipe: Recipe, changes: Mapping[str, object]) -> Recipe:
    """Return ``recipe`` with other values, named like "data.max_length"; RecipeInvalid if one is wrong."""
    plain = msgspec.to_builtins(recipe)
    for name, value in changes.items():
        section, _, key = name.rpartition(".")
        place = plain.get(section) if section else plain
        if not isinstance(place, dict) or key not in place:
            raise RecipeInvalid(f"There is no field {name} in a recipe.", "Correct its name.")
        place[key] = value
    made = recipe_from(plain)
    assert isinstance(made, Recipe)
    return made


def recipe_toml(recipe: AnyRecipe) -> bytes:
    """Return ``recipe`` as the content of a ``recipe.toml``; RecipeInvalid if a value is out of bounds."""
    return tomli_w.dumps(msgspec.to_builtins(recipe_from(msgspec.to_builtins(recipe)))).encode()
