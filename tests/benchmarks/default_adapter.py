"""The default model before and after our adapter, on questions that nothing was trained on.

131 BioASQ questions (``training.data.test_sets.examined``) and, for every second one, the same with passages
of which none answers; distractors once at random and once half of them by our own search. And PubMedQA's
500 test questions on their own abstracts, the decision read from the likeliest of "Yes", "No" and "Maybe".
Answers are written greedily. Needs the shared data.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from core.cancel import CancelToken
from core.generation.transformers_engine import TransformersEngine
from core.paths import default_home
from core.registry import find_model
from core.settings import ModelSettings
from core.tuning.pairs import Pair
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import DataChoice, Source
from tests.benchmarks import common
from training.data.conversations import Conversation, exam
from training.data.test_sets import examined
from training.gate_measuring import measure
from training.measures import compare

BASE = "smollm2-135m-instruct"
UNANSWERABLE = 0.33


def main() -> int:
    """Print a table a set of questions."""
    parser = common.options_of(__doc__)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cpu")
    parser.add_argument("--limit", type=int, default=10**6, help="questions of each set")
    parser.add_argument("--models", nargs="+", default=[BASE, ModelSettings().language])
    options = parser.parse_args()
    if (data := common.shared_data()) is None:
        raise SystemExit("This benchmark needs the shared data folder (VADEMECUM_SHARED).")
    report = common.Report("default_adapter")
    for title, conversations in sets(data, options.limit).items():
        common.say(title)
        columns = [measured(model, conversations, options.device) for model in options.models]
        rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
        report.table(f"{title}, {len(conversations)} prompts", ["measure", *options.models], rows)
    return report.finish(options.json)


def sets(data: Path, limit: int) -> dict[str, Sequence[Conversation]]:
    """Return the held-out conversations by title."""
    files = sorted((data / "bioasq").glob("*_golden.json"))
    held = [pair for file in files for pair in pairs(file) if examined(pair.id)]
    test = json.loads((data / "pubmedqa" / "test_ground_truth.json").read_text("utf-8"))
    decided = [pair for pair in pairs(data / "pubmedqa" / "ori_pqal.json") if pair.documents & set(test)]
    easy, hard = (DataChoice(unanswerable=UNANSWERABLE, hard_distractors=share) for share in (0.0, 0.5))
    own = DataChoice(task="closed", unanswerable=0.0)
    return {
        "BioASQ held out, distractors at random": exam(held, easy, 0)[:limit],
        "BioASQ held out, half of the distractors by our search": exam(held, hard, 0)[:limit],
        "PubMedQA test, own abstract": exam(decided, own, 0)[:limit],
    }


def pairs(file: Path) -> list[Pair]:
    """Return the usable pairs of ``file``."""
    return [pair for pair in read_pairs(Source(str(file)), default_home()) if isinstance(pair, Pair)]


def measured(model: str, conversations: Sequence[Conversation], device: str) -> dict[str, float | None]:
    """Return every measure of one model, by name."""
    folder = find_model(default_home(), model, "language")
    settings = ModelSettings(device="cuda" if device == "cuda" else "cpu", precision="float32")
    engine = TransformersEngine.load(folder, settings, CancelToken())
    decisions_only = all(one.decision for one in conversations)
    results = measure(engine, conversations, CancelToken(), longest=2 if decisions_only else 160)
    del engine
    gc.collect()
    kept = [one for one in compare(results, results) if not decisions_only or "maybe" in one.name]
    return {one.name: one.after for one in kept}


if __name__ == "__main__":
    sys.exit(main())
