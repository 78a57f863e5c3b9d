"""Training of the verifier: a cross-encoder made of the default embedder.

``python -m training.verifier --data FOLDER --base FOLDER --to FOLDER`` reads the public data sets, trains,
sets temperature and thresholds on training claims that were kept apart, and writes a folder that
``core.citations.verifiers`` loads. ``--prepare FILE`` only writes the examples, and ``--examples FILE``
trains on them, on a machine that has torch and transformers and nothing else of ours.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LABELS = (
    "supported",
    "unsupported",
    "contradicted",
)  # in the order of the outputs: entailment, neutral, contradiction
NAMES = ("entailment", "neutral", "contradiction")
MAX_TOKENS = 256
Floats = NDArray[np.float64]
Examples = dict[str, list[dict[str, str]]]  # part -> examples as in verifier_data


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: everything that changes the outcome, besides the examples.

    Attributes:
        limit: most examples of one source and label.
        repeat: how often SciFact's own count in an epoch.
    """

    epochs: float = 3.0
    learning_rate: float = 1e-4
    batch: int = 32
    limit: int = 800
    repeat: int = 2
    seed: int = 0
    device: str = "cpu"


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, calibrate, report on the validation claims, save."""
    options = _options(arguments)
    parts = read_examples(options.examples) if options.examples else prepare(options.data)
    if options.prepare:
        options.prepare.write_text(json.dumps(parts), "utf-8")
        return 0
    plan = Plan(**{name: getattr(options, name) for name in asdict(Plan())})
    learned = thinned(parts["train"], plan)
    model, tokenizer = build(options.base, plan)
    train(model, tokenizer, learned, plan)
    report = examined(model, tokenizer, parts) | {"plan": asdict(plan), "examples": len(learned)}
    print(json.dumps(report), flush=True)
    if options.to:
        save(model, tokenizer, options.to, report)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.verifier", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with scifact, bioasq and pubmedqa")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--to", type=Path, help="folder to write the verifier into")
    parser.add_argument("--prepare", type=Path, help="only write the examples to this file")
    parser.add_argument("--examples", type=Path, help="train on this file of examples")
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    return parser.parse_args(arguments)


def prepare(data: Path) -> Examples:
    """Return the examples of each part as plain values."""
    from training.verifier_data import examples

    return {part: [asdict(example) for example in found] for part, found in examples(data).items()}


def read_examples(file: Path) -> Examples:
    """Read what ``--prepare`` wrote."""
    parts: Examples = json.loads(file.read_text("utf-8"))
    return parts


def thinned(found: Sequence[dict[str, str]], plan: Plan) -> list[dict[str, str]]:
    """Return at most ``plan.limit`` examples of each source and label, the same ones every time."""
    chance = random.Random(0)
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    for example in found:
        groups.setdefault((example["source"], example["label"]), []).append(example)
    kept = [one for group in groups.values() for one in chance.sample(group, min(plan.limit, len(group)))]
    own = [one for one in kept if one["source"].startswith("scifact")]
    return kept + own * (plan.repeat - 1)


def build(base: Path, plan: Plan) -> tuple[Any, Any]:
    """Load the embedder with a new head for three classes; its word embeddings stay as they are."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(plan.seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        str(base),
        num_labels=len(NAMES),
        id2label=dict(enumerate(NAMES)),
        label2id={name: at for at, name in enumerate(NAMES)},
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.float32,
    )
    model.base_model.embeddings.requires_grad_(False)
    return model.to(plan.device), AutoTokenizer.from_pretrained(str(base), local_files_only=True)


def train(model: Any, tokenizer: Any, examples: Sequence[dict[str, str]], plan: Plan) -> None:
    """Minimise cross-entropy, each class weighing the same, with a linear schedule."""
    import torch

    right = torch.tensor(gold(examples))
    counts = torch.bincount(right, minlength=len(NAMES)).clamp(min=1)
    weights = (len(right) / (len(NAMES) * counts)).to(plan.device)
    loss_of = torch.nn.CrossEntropyLoss(weight=weights)
    steps = math.ceil(plan.epochs * len(examples) / plan.batch)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=plan.learning_rate, weight_decay=0.01)
    warm = max(1, steps // 16)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, (steps - step) / max(1, steps - warm))
    )
    model.train()
    start, total = time.monotonic(), 0.0
    for step, batch in zip(range(1, steps + 1), batches(examples, plan), strict=False):
        inputs = encode(tokenizer, [examples[i] for i in batch]).to(plan.device)
        with torch.autocast(plan.device, torch.bfloat16):
            logits = model(**inputs).logits
        loss = loss_of(logits.float(), right[batch].to(plan.device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        total += loss.item() if plan.device == "cpu" or step % 50 == 0 else 0.0
        if step % 50 == 0:
            mean = total / (50 if plan.device == "cpu" else 1)
            print(
                f"{step}/{steps} loss {mean:.3f} {time.monotonic() - start:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            total = 0.0
    model.eval()


def batches(examples: Sequence[dict[str, str]], plan: Plan) -> Iterator[list[int]]:
    """Yield batches of examples of like length, in an order of chance, without end."""
    chance = random.Random(plan.seed)
    lengths = [len(example["claim"]) + len(example["evidence"]) for example in examples]
    while True:
        order = sorted(range(len(examples)), key=lambda i: lengths[i] * chance.uniform(0.9, 1.1))
        found = [order[at : at + plan.batch] for at in range(0, len(order), plan.batch)]
        chance.shuffle(found)
        yield from found


def encode(tokenizer: Any, examples: Sequence[dict[str, str]]) -> Any:
    """Return the tokens of evidence and claim; of evidence that is too long the end is cut."""
    return tokenizer(
        [example["evidence"] for example in examples],
        [example["claim"] for example in examples],
        truncation="only_first",
        max_length=MAX_TOKENS,
        padding=True,
        return_tensors="pt",
    )


def gold(examples: Sequence[dict[str, str]]) -> list[int]:
    """Return the labels as places in LABELS."""
    return [LABELS.index(example["label"]) for example in examples]


def logits_of(model: Any, tokenizer: Any, examples: Sequence[dict[str, str]]) -> Floats:
    """Return the logits, shape (len(examples), 3)."""
    import torch

    found = []
    with torch.inference_mode():
        for at in range(0, len(examples), 32):
            inputs = encode(tokenizer, examples[at : at + 32]).to(model.device)
            found.append(model(**inputs).logits.float().cpu().numpy())
    return np.concatenate(found).astype(np.float64)


def temperature(logits: Floats, right: Sequence[int]) -> float:
    """Return the temperature with the least cross-entropy (Guo et al. 2017), of 0.5 to 10."""

    def cross_entropy(by: float) -> float:
        scaled = logits / by
        top = scaled.max(1, keepdims=True)
        norm = top[:, 0] + np.log(np.exp(scaled - top).sum(1))
        return float(np.mean(norm - scaled[np.arange(len(right)), right]))

    return min((round(float(t), 2) for t in np.arange(0.5, 10.01, 0.05)), key=cross_entropy)


def examined(model: Any, tokenizer: Any, parts: Examples) -> dict[str, Any]:
    """Return temperature and thresholds from the calibration part, and what both parts say of the model."""
    logits = {part: logits_of(model, tokenizer, parts[part]) for part in ("calibration", "validation")}
    right = {part: np.array(gold(parts[part])) for part in logits}
    by = temperature(logits["calibration"], right["calibration"].tolist())
    support = {part: probabilities(logits[part], by)[:, 0] for part in logits}
    supported, weak = thresholds(support["calibration"], right["calibration"])
    report: dict[str, Any] = {"temperature": by, "supported": supported, "weak": weak}
    for part in logits:
        report[part] = {
            "balanced_accuracy": balanced(logits[part].argmax(1), right[part]),
            "supported_or_not": balanced(
                (support[part] < supported).astype(int), (right[part] != 0).astype(int)
            ),
        }
    return report


def probabilities(logits: Floats, by: float) -> Floats:
    """Return the softmax of ``logits`` divided by the temperature ``by``."""
    powers = np.exp((logits - logits.max(1, keepdims=True)) / by)
    return np.asarray(powers / powers.sum(1, keepdims=True))


def thresholds(support: Floats, right: NDArray[np.int64]) -> tuple[float, float]:
    """Return from what probability a claim is called supported, and from what weak.

    The first tells supported claims best from the rest (balanced accuracy); nine in ten of the supported ones
    lie above the second.
    """
    rest = (right != 0).astype(int)
    steps = [round(float(step), 2) for step in np.arange(0.05, 0.96, 0.01)]
    scores = [balanced((support < step).astype(int), rest) for step in steps]
    best = [step for step, score in zip(steps, scores, strict=True) if score == max(scores)]
    supported = best[len(best) // 2]  # the middle of those that are equally good
    weak = round(float(np.quantile(support[right == 0], 0.1)), 2)
    return supported, min(weak, supported)


def balanced(said: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    """Return the mean over the classes of the share that was recognised."""
    return round(float(np.mean([np.mean(said[right == label] == label) for label in np.unique(right)])), 4)


def save(model: Any, tokenizer: Any, folder: Path, report: dict[str, Any]) -> None:
    """Write weights of 8 bits, configuration, tokenizer, thresholds, and what was measured."""
    from safetensors.torch import save_file

    from core.citations.packed import packed
    from core.citations.verifiers import OURS, PACKED, VERSION

    folder.mkdir(parents=True, exist_ok=True)
    save_file(packed(model.cpu().state_dict()), folder / PACKED)
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(str(folder))
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.save_pretrained(str(folder))
    about = {"version": VERSION, "max_tokens": MAX_TOKENS}
    about |= {name: report[name] for name in ("temperature", "supported", "weak")}
    (folder / OURS).write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    (folder / "training.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
