"""``MODEL_CARD.md`` of a run: what the model was made from, how, and what it is and is not for.

After Mitchell et al. 2019, Model Cards for Model Reporting (arXiv:1810.03993).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from core.errors import RunUnusable
from core.library.storage import storing, write_atomically
from core.protocol import TrainingStep
from core.tuning.recipe import EmbedderRecipe, Recipe, recipe_toml
from core.tuning.reports import GateReport
from core.tuning.runs import Run
from training.data.prepare import read_dataset
from training.embedder_data import read_back
from training.versions import Versions, read_versions

_USE = """\
## Intended use

Answering biomedical questions of professionals from passages that are put before the model, with the numbers
of the passages as citations, inside Vademecum. Answers are written by an AI system and can be wrong; every
cited passage should be read before anything is decided.

## Limits

Not a medical device; not for diagnosis or treatment without a professional's judgement. It knows nothing that
is not in the passages or was not in its base model, learned the style and the mistakes of its training data,
and was measured on held-out items of that same data only. Personal data in the training data may be repeated
by the model.
"""

_SEARCH_USE = """\
## Intended use

Finding the passages of a biomedical library that answer a question, inside Vademecum. Libraries have to be
embedded with the model that searches them.

## Limits

It was measured on held-out questions of its own training data only, and may find less on other subjects. The
similarity at which an answer is refused was set for the default search model.
"""


_REPEATS = {
    "yes": "Repeatable: the same recipe, data, versions and computer give the same adapter.",
    "off": "Not repeatable: it was trained on a graphics card with operations that may give another result "
    "each time, so that the same recipe gives a slightly different adapter.",
    "unsloth": "Not repeatable: it was trained with unsloth, whose kernels may give another result each "
    "time, so that the same recipe gives a slightly different adapter.",
    "several cards": "Not known to be repeatable: it was trained on several graphics cards, which may add up "
    "their results in another order each time.",
    "changed": "Not repeatable: its recipe or the size of its batches was changed on the way, so that the "
    "recipe alone gives another adapter.",
}


def write_card(run: Run) -> None:
    """Write the card from what the run folder holds; to be called anew when more is known."""
    recipe = run.recipe()
    if isinstance(recipe, Recipe):
        own = [_head(recipe), _data(run, recipe)]
    else:
        own = [_search_head(recipe), _search_data(run)]
    use = _USE if isinstance(recipe, Recipe) else _SEARCH_USE
    parts = [*own, _training(run), _gate(run.report()), use, _made(run)]
    recipe_part = f"## Recipe\n\n```toml\n{recipe_toml(recipe).decode()}```\n"
    with storing(run.folder):
        write_atomically(run.card, "\n".join([*filter(None, parts), recipe_part]).encode())


def _search_head(recipe: EmbedderRecipe) -> str:
    return (
        f"# {recipe.name}\n\nA search model (sentence embeddings), tuned from {Path(recipe.base).name} on "
        "questions and the passages that answer them. Made with Vademecum.\n"
    )


def _search_data(run: Run) -> str:
    try:
        asked = read_back(run.dataset)
    except RunUnusable:
        return ""
    splits = Counter(one.split for one in asked)
    text = (
        f"{splits['train']:,} questions to train on, {splits['validation']:,} held out (split by document)."
    )
    return f"## Data\n\n{text}\n{_hash_line(run)}\n"


def _hash_line(run: Run) -> str:
    versions = read_versions(run)
    found = versions.dataset if versions else ""
    return f"\nSHA-256 of `dataset.jsonl`: `{found}`" if found else ""


def _head(recipe: Recipe) -> str:
    base, lora = recipe.base, recipe.lora
    held = {"4bit": "in 4 bits (NF4, double quantisation)", "8bit": "in 8 bits", "full": "unquantised"}
    scaling = "rank-stabilised" if lora.rank_stabilised else "plain"
    before = f", going on from the adapter {Path(base.adapter).name}" if base.adapter else ""
    return (
        f"# {recipe.name}\n\nA LoRA adapter (rank {lora.rank}, alpha {lora.alpha}, {scaling}) for "
        f"{Path(base.model).name}, which was held {held[base.weights]}{before}. Made with Vademecum.\n"
    )


def _data(run: Run, recipe: Recipe) -> str:
    try:
        conversations = read_dataset(run.dataset)
    except RunUnusable:
        return ""
    splits = Counter(conversation.split for conversation in conversations)
    files = Counter(conversation.source or "collected in the app" for conversation in conversations)
    lines = [
        f"{splits['train']:,} conversations to train on, {splits['validation']:,} held out "
        f"(split by document), at most {recipe.data.max_length:,} tokens each.\n",
        *(f"- {name}: {count:,} conversations" for name, count in sorted(files.items())),
    ]
    return "## Data\n\n" + "\n".join([*lines, _hash_line(run)]) + "\n"


def _training(run: Run) -> str:
    told = [event for event in run.events() if isinstance(event, TrainingStep)]
    losses = {event.step: event.loss for event in told if event.loss is not None}
    measured = {event.step: event.eval_loss for event in told if event.eval_loss is not None}
    if not losses:
        return ""
    first, last = min(losses), max(losses)
    lines = [
        f"{last:,} steps; loss {losses[first]:.3f} at the first, {losses[last]:.3f} at the last.",
        *(f"- validation loss after step {step:,}: {loss:.3f}" for step, loss in sorted(measured.items())),
    ]
    return "## Training\n\n" + "\n".join(lines) + "\n"


def _gate(report: GateReport | None) -> str:
    if report is None:
        return ""
    rows = [
        f"| {measure.name} | {_figure(measure.before)} | {_figure(measure.after)} | {measure.items} |"
        for measure in report.measures
    ]
    head = f"{report.verdict.capitalize()} than or as {report.current}: {report.reason}"
    if report.verdict != "equal":
        head = f"{report.verdict.capitalize()} than {report.current}: {report.reason}"
    table = ["| measure | before | after | items |", "|---|---|---|---|", *rows]
    return "## Evaluation\n\n" + head + "\n\n" + "\n".join(table) + "\n"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _made(run: Run) -> str:
    found: Versions | None = read_versions(run)
    if found is None:
        return ""
    cards = ", ".join(gpu.name for gpu in found.hardware.gpus) or f"{found.hardware.cpu_cores} CPU cores"
    packages = ", ".join(f"{name} {version}" for name, version in found.packages.items())
    repeats = f"\n{_REPEATS[found.repeatable]}\n" if found.repeatable else ""
    return (
        f"## Made with\n\nVademecum {found.vademecum} (build {found.build}), Python {found.hardware.python}, "
        f"{found.hardware.system}, {cards}. Seed {found.seed}. {packages}.\n{repeats}"
    )
