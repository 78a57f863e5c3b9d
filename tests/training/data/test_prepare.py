"""From files to rows, and what ``vademecum train data`` tells: on the tiny model's real tokenizer."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import DataUnusable, ModelUnusable, RunUnusable
from core.paths import Home
from core.protocol import DataChecked, Progress, decode_event, encode
from core.tuning.recipe import BaseChoice, DataChoice, Recipe, Source, TrainingChoice, recipe_toml
from core.tuning.reports import DataReport
from tests.conftest import ROOT
from training.data.check import check
from training.data.prepare import Prepared, dataset_hash, prepare, read_dataset, write_dataset
from training.loading import load_tokenizer

NAMES = "aspirin insulin heparin digoxin codeine quinine morphine lithium atropine warfarin"
DRUGS = NAMES.split()
SIGNS = ["fever", "pain", "thirst", "rash", "cough", "nausea", "tremor"]


def line(number: int, **changes: object) -> dict[str, object]:
    drug, sign = DRUGS[number % len(DRUGS)], SIGNS[number // len(DRUGS) % len(SIGNS)]
    return {
        "question": f"Does {drug} relieve {sign}?",
        "answer": f"In the made-up trial {number} {drug} relieved {sign}.",
        "context": f"Trial {number} was small. In it {drug} relieved {sign}. Nobody was harmed.",
        "pmid": str(90_000_000 + number),
        "decision": "yes",
        **changes,
    }


@pytest.fixture
def recipe(tmp_path, tiny_llama):
    """Return a function that writes lines to a file and makes a recipe of it."""

    def make(lines: list[dict[str, object]], weight: float = 1.0, **data: object) -> Recipe:
        path = tmp_path / "pairs.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in lines), "utf-8")
        choice = DataChoice(sources=(Source(str(path), weight=weight),), max_length=4096)
        return Recipe(base=BaseChoice(str(tiny_llama)), data=replace(choice, **data))

    return make


@pytest.fixture(scope="module")
def tokenizer(tiny_llama):
    return load_tokenizer(tiny_llama)


@pytest.fixture
def prepared(tokenizer, tmp_path):
    def make(recipe: Recipe) -> Prepared:
        return prepare(recipe, tokenizer, Home(tmp_path / "home"), CancelToken())

    return make


def checked(recipe: Recipe, tmp_path: Path) -> DataReport:
    *_, last = check(recipe, Home(tmp_path / "home"), CancelToken())
    assert isinstance(last, DataChecked)
    return last.report


def test_that_every_row_is_the_conversation_it_stands_beside(prepared, recipe, tokenizer):
    made = prepared(recipe([line(n) for n in range(30)]))
    assert len(made.rows) == len(made.conversations) == len(made.train) + len(made.validation)
    assert made.validation
    for conversation, row in zip(made.conversations, made.rows, strict=True):
        trained = [token for token in row.labels if token >= 0]
        assert tokenizer.decode(trained) == f"{conversation.answer}<|im_end|>"


@pytest.mark.parametrize(("weight", "copies"), [(1.0, 20), (2.0, 40), (0.5, 10), (1.5, 30)])
def test_that_a_weight_says_how_often_a_pair_is_taken(prepared, recipe, weight, copies):
    made = prepared(recipe([line(n) for n in range(20)], weight, validation=0.0, unanswerable=0.0))
    assert len(made.conversations) == copies
    assert made == prepared(recipe([line(n) for n in range(20)], weight, validation=0.0, unanswerable=0.0))


def test_that_another_seed_draws_another_half(prepared, recipe):
    first = recipe([line(n) for n in range(20)], 0.5, validation=0.0)
    other = replace(first, training=TrainingChoice(seed=1))
    drawn = [{one.record for one in prepared(given).conversations} for given in (first, other)]
    assert drawn[0] != drawn[1]


def test_that_a_dataset_is_read_as_it_was_written_and_a_damaged_one_is_refused(prepared, recipe, tmp_path):
    made = prepared(recipe([line(n) for n in range(20)]))
    write_dataset(tmp_path / "dataset.jsonl", made.conversations)
    assert read_dataset(tmp_path / "dataset.jsonl") == made.conversations
    assert made.dataset_hash == dataset_hash(made.conversations)
    (tmp_path / "dataset.jsonl").write_bytes(b'{"messages": 3}\n')
    for path in (tmp_path / "dataset.jsonl", tmp_path / "none.jsonl"):
        with pytest.raises(RunUnusable, match="missing or damaged"):
            read_dataset(path)


@pytest.mark.slow
def test_that_the_same_recipe_gives_the_same_dataset_in_every_process(recipe, tiny_llama, tmp_path):
    given = recipe([line(n) for n in range(40)], paraphrase=0.5, section_dropout=0.5)
    (tmp_path / "recipe.toml").write_bytes(recipe_toml(given))
    hashes = {_hash_in_another_process(tmp_path / "recipe.toml", seed) for seed in ("1", "2")}
    assert len(hashes) == 1


HASH = """
import sys
from pathlib import Path
from core.cancel import CancelToken
from core.paths import Home
from core.tuning.recipe import read_recipe
from training.data.prepare import prepare
from training.loading import load_tokenizer

recipe = read_recipe(Path(sys.argv[1]))
tokenizer = load_tokenizer(Path(recipe.base.model))
print(prepare(recipe, tokenizer, Home(Path("none")), CancelToken()).dataset_hash)
"""


def _hash_in_another_process(recipe: Path, seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", HASH, str(recipe)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([line(1)], "left to train on"),
        ([line(1), line(1)], "1 repeat others"),
        (
            [line(n, answer="", decision="") for n in range(3)],
            "None of the 3 records of pairs.jsonl can",
        ),
        ([line(n, context="", answer="long " * 2000) for n in range(3)], "3 are longer than 4,096 tokens"),
    ],
)
def test_that_too_little_data_is_refused_with_the_reason(prepared, recipe, lines, reason):
    with pytest.raises(DataUnusable, match=reason) as refused:
        prepared(recipe(lines))
    assert refused.value.hint.endswith(".")


def test_that_data_of_a_test_set_alone_is_refused(prepared, recipe, tmp_path):
    (tmp_path / "home" / "test_sets").mkdir(parents=True)
    held = "".join(json.dumps(line(n)) + "\n" for n in range(3))
    (tmp_path / "home" / "test_sets" / "mine.jsonl").write_text(held, "utf-8")
    with pytest.raises(DataUnusable, match="of 3 questions with answers 3 are in known test sets"):
        prepared(recipe([line(n) for n in range(3)]))


def test_that_a_recipe_without_data_is_refused(prepared, recipe):
    with pytest.raises(DataUnusable, match="names no training data"):
        prepared(recipe([], sources=()))


def test_that_a_base_without_a_chat_template_is_refused_with_the_remedy(recipe, tokenizer, tmp_path):
    plain = copy.copy(tokenizer)
    plain.chat_template = None
    with pytest.raises(ModelUnusable, match="has no chat template") as refused:
        prepare(recipe([line(1)]), plain, Home(tmp_path), CancelToken())
    assert refused.value.hint == "Choose its instruct edition."


def test_that_a_base_that_is_a_gguf_is_refused(recipe, tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    given = replace(recipe([line(1)]), base=BaseChoice(str(tmp_path / "model.gguf")))
    with pytest.raises(ModelUnusable, match="is a GGUF model"):
        checked(given, tmp_path)


def test_that_cancelling_stops_between_conversations(recipe, tmp_path):
    cancel = CancelToken()
    events = check(recipe([line(n) for n in range(60)]), Home(tmp_path / "home"), cancel)
    while not isinstance(next(events), Progress):
        pass
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(events)


def test_that_the_report_tells_where_every_record_went(recipe, tmp_path):
    lines = [line(n) for n in range(40)]
    lines += [
        line(3),
        {"question": "Why?"},
        line(41, answer="Ask Mrs. Jane Doe. Morphine was not in trial 41."),
    ]
    lines += [line(42, context="wet " * 50_000 + "In trial 42 heparin relieved cough.")]
    report = checked(recipe(lines, max_length=2048), tmp_path)
    assert (report.entries, report.sources[0].format, report.sources[0].rejected) == (43, "medqa", 1)
    assert [(one.record, one.first_record) for one in report.duplicates] == [(41, 4)]
    assert [(one.record, one.reason) for one in report.rejected] == [(42, "there is no answer")]
    assert report.used <= 42
    assert report.train + report.validation == report.conversations
    assert report.rows < report.train
    assert sum(report.conversation.bins) == report.conversations
    assert sum(report.classes.values()) == report.used
    assert report.refusals > 0
    assert report.leaks == ()
    assert len(report.dataset_hash) == 64
    assert decode_event(encode(DataChecked(report))) == DataChecked(report)


def test_that_previews_show_the_whole_row_and_what_of_it_is_trained(recipe, tmp_path, prepared, tokenizer):
    given = recipe([line(n) for n in range(40)], max_length=600)
    report = checked(given, tmp_path)
    rows = {tokenizer.decode(row.input_ids): row for row in prepared(given).rows}
    assert 0 < report.truncated == sum(row.cut > 0 for row in prepared(given).rows)
    assert 8 <= len(report.previews) <= 10
    assert {one.split for one in report.previews} == {"train", "validation"}
    assert any("do not answer" in one.segments[-1].text for one in report.previews)
    for preview in report.previews:
        row = rows["".join(part.text for part in preview.segments)]
        assert [part.trained for part in preview.segments] == [False, True]
        assert (preview.tokens, preview.cut) == (len(row.input_ids), row.cut)
        assert preview.segments[0].text.endswith("<|im_start|>assistant\n")


def test_that_personal_data_is_flagged_and_never_shown(recipe, tmp_path):
    lines = [line(n) for n in range(10)]
    lines[4]["context"] = f"Mrs. Jane Doe was in it. {lines[4]['context']}"
    report = checked(recipe(lines, validation=0.0), tmp_path)
    assert [(one.record, one.kind, one.field) for one in report.personal] == [(5, "name", "evidence")]
    assert "Doe" not in report.personal[0].shown


@pytest.mark.shared
@pytest.mark.models
@pytest.mark.slow
def test_that_the_real_data_is_checked_on_the_default_model(shared, models_home):
    files = [shared / "pubmedqa" / "ori_pqal.json", *sorted((shared / "bioasq").glob("*_golden.json"))]
    sources = tuple(Source(str(path)) for path in files)
    *_, last = check(Recipe(data=DataChoice(sources=sources)), models_home, CancelToken())
    report = last.report
    assert (report.entries, len(report.rejected)) == (2497, 0)
    assert sum(leak.test_set == "PubMedQA test" for leak in report.leaks) == 500
    assert not any(
        leak.by == "document" and leak.file != "ori_pqal.json" and "Pub" in leak.test_set
        for leak in report.leaks
    )
    assert report.untrained == 0
    assert report.used > 1600
