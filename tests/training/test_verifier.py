"""The verifier's training, on a tiny encoder: it learns, repeats itself, and saves what it learned."""

import json

import pytest

from core.citations.verifiers import load_verifier
from tests.fakes.tiny_verifiers import make_tiny_judge
from training.verifier import LABELS, NAMES, Plan, balanced, batches, main, temperature, thinned, thresholds

WORDS = ("zinc", "colds", "adults", "fever", "trial", "liver", "aspirin", "sleep")


def example(at, label):
    said = f"{WORDS[at % 8]} {WORDS[at // 8 % 8]} {label[:3]}"
    return {"claim": said, "evidence": "in adults", "label": label, "group": str(at), "source": "scifact"}


def examples(folder):
    all_of_them = [example(at, LABELS[at % 3]) for at in range(60)]
    parts = {"train": all_of_them, "calibration": all_of_them[:30], "validation": all_of_them[30:]}
    path = folder / "examples.json"
    path.write_text(json.dumps(parts), "utf-8")
    return path


def run(folder, base, name, capsys):
    options = ["--examples", examples(folder), "--base", base, "--to", folder / name]
    options += ["--epochs", 25, "--learning-rate", 0.005, "--batch", 16]
    assert main([str(option) for option in options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_that_it_learns_repeats_itself_and_loads_as_it_was_measured(tmp_path, capsys):
    base = make_tiny_judge(tmp_path / "base", list(NAMES), "neutral")
    first = run(tmp_path, base, "one", capsys)
    assert first["calibration"]["balanced_accuracy"] > 0.9
    assert run(tmp_path, base, "two", capsys) == first
    held = [example(at, LABELS[at % 3]) for at in range(30, 60)]
    verdicts = load_verifier(tmp_path / "one").support(
        [one["claim"] for one in held], [one["evidence"] for one in held]
    )
    rights = [
        (one["label"] == "supported") == (v.label == "supported")
        for one, v in zip(held, verdicts, strict=True)
    ]
    assert sum(rights) >= 0.85 * len(rights)


def test_that_an_epoch_holds_every_example_once():
    found = batches([example(at, "supported") for at in range(50)], Plan(batch=16))
    assert sorted(at for _ in range(4) for at in next(found)) == list(range(50))


def test_that_thinning_keeps_the_same_examples_and_repeats_scifact():
    given = [example(at, "supported") | {"source": "scifact" if at < 10 else "title"} for at in range(40)]
    plan = Plan(limit=5, repeat=3)
    kept = thinned(given, plan)
    assert kept == thinned(given, plan)
    assert sum(one["source"] == "scifact" for one in kept) == 15
    assert sum(one["source"] == "title" for one in kept) == 5


def test_that_outputs_too_sure_of_themselves_are_cooled_down():
    import numpy as np

    right = [0, 1, 2, 0] * 25
    logits = np.eye(3)[[0, 1, 2, 1] * 25] * 20.0  # sure, and wrong one time in four
    assert temperature(logits, right) > 3
    assert temperature(np.eye(3)[right] * 2.0, right) == 0.5


def test_that_thresholds_part_supported_from_the_rest():
    import numpy as np

    support = np.array([0.9, 0.8, 0.7, 0.35, 0.3, 0.2, 0.1, 0.05])
    right = np.array([0, 0, 0, 0, 1, 2, 1, 2])
    supported, weak = thresholds(support, right)
    assert 0.3 < supported <= 0.35
    assert 0 <= weak <= supported
    assert balanced((support < supported).astype(int), (right != 0).astype(int)) == 1.0
