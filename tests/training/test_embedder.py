"""Tuning the search model on the tiny embedder: real data files, real training, a real comparison."""

import hashlib
import json
import random
import shutil
from dataclasses import replace

import numpy as np
import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import DataUnusable
from core.paths import Home
from core.protocol import Judged, Progress, RunOpened, RunStateChanged, TrainingStep
from core.registry import inspect_model
from core.retrieval.embedder import TransformerEmbedder, load_embedder
from core.settings import Settings, write_settings
from core.tuning.activation import activate
from core.tuning.collected import Collected, CollectedPairs
from core.tuning.pairs import Evidence
from core.tuning.recipe import EmbedderRecipe, Source
from core.tuning.runs import Runs
from tests.fakes.tiny_home import tiny_settings
from training.embedder import tune
from training.embedder_data import read_asked, read_back
from training.embedder_gate import _Task
from training.embedder_ranking import hard_negatives, rank
from training.embedder_training import fit
from training.gate import judge
from training.stages import Stages
from training.team import Team
from training.versions import read_versions

SUBJECTS = ["heart", "kidney", "liver", "brain", "lung", "bone", "skin", "eye", "ear", "nerve"]
# What people ask with, and what papers write: the tiny embedder sees no likeness until it has learned it.
WORDS = {"sick": "morbid", "cure": "remission", "pill": "tablet", "risk": "hazard", "child": "paediatric"}


@pytest.fixture
def home(tmp_path, tiny_embedder):
    made = Home(tmp_path / "home")
    made.models.mkdir(parents=True)
    (made.models / "tiny-embedder").symlink_to(tiny_embedder)
    write_settings(made.settings, tiny_settings())
    return made


@pytest.fixture
def source(tmp_path):
    lines = [
        {
            "question": f"Is the {subject} {lay} number {number}?",
            "answer": "Yes.",
            "context": f"{subject} {paper} {number}",
            "document": f"{number}{place}",
        }
        for place, subject in enumerate(SUBJECTS)
        for number, (lay, paper) in enumerate(WORDS.items(), start=10)
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return Source(str(path))


def recipe_of(*sources, **changes):
    options = {"batch": 8, "epochs": 6.0, "learning_rate": 0.01, "validation": 0.3, **changes}
    return EmbedderRecipe(base="tiny-embedder", sources=sources, **options)


def run_of(home, recipe):
    run = Runs(home.runs).create(recipe)
    events = list(tune(recipe, run, home, CancelToken()))
    return run, events


def test_that_a_tuned_search_model_finds_more_and_can_be_taken_into_use(home, source):
    run, events = run_of(home, recipe_of(source))
    report = events[-2].report
    assert isinstance(events[-2], Judged)
    assert report == run.report()
    ndcg = report.measures[0]
    assert (ndcg.name, ndcg.decides, ndcg.items) == ("nDCG@10", True, 15)
    assert ndcg.after > ndcg.before + 0.1
    assert report.verdict == "better"
    assert report.samples[0].before != report.samples[0].after
    states = [event.state for event in events if isinstance(event, RunStateChanged)]
    assert states == ["training", "merged", "judged"]
    opened = next(event for event in events if isinstance(event, RunOpened))
    steps = [event for event in events if isinstance(event, TrainingStep)]
    assert [step.step for step in steps] == list(range(1, opened.steps + 1))
    assert steps[-1].loss < steps[0].loss
    assert activate(home, run.id).model == "my-search"


def test_that_a_run_leaves_a_card_and_what_it_was_made_from(home, source):
    events = list(Stages(home, Team()).tune(recipe_of(source, epochs=1.0), CancelToken()))
    run = Runs(home.runs).all()[0]
    assert isinstance(events[-2], Judged)
    versions = read_versions(run)
    assert versions.dataset == hashlib.sha256(run.dataset.read_bytes()).hexdigest()
    card = run.card.read_text("utf-8")
    assert versions.dataset in card
    assert "15 held out" in card
    assert "nDCG@10" in card


def test_that_the_folder_is_one_that_the_app_loads_quickly_and_encodes_as_before(home, source, tiny_embedder):
    run, _ = run_of(home, recipe_of(source, epochs=1.0, max_tokens=16))
    assert inspect_model(run.merged).kind == "embedder"
    tuned = load_embedder(run.merged)
    assert isinstance(tuned, TransformerEmbedder)
    rules = "sentence_bert_config.json"
    assert (run.merged / rules).read_bytes() == (tiny_embedder / rules).read_bytes()
    assert sorted(path.name for path in run.folder.iterdir()) == sorted(
        ["recipe.toml", "dataset.jsonl", "result.json", "merged"]
    )


def test_that_equal_recipes_give_equal_models(home, source):
    first, second = (run_of(home, recipe_of(source, epochs=1.0))[0] for _ in range(2))
    vectors = [load_embedder(run.merged).encode(["heart hazard"]) for run in (first, second)]
    assert (vectors[0] == vectors[1]).all()


def test_that_a_stopped_training_keeps_nothing_and_starts_anew(home, source):
    recipe, cancel = recipe_of(source), CancelToken()
    run = Runs(home.runs).create(recipe)
    events = []
    for event in tune(recipe, run, home, cancel):
        events.append(event)
        if isinstance(event, TrainingStep):
            cancel.cancel()
    assert events[-1].state == "stopped"
    assert not run.merged.exists()
    again = list(tune(recipe, run, home, CancelToken()))
    assert again[-1].state == "judged"


def test_that_a_stop_while_measuring_keeps_the_model_and_goes_on_there(home, source):
    recipe, cancel = recipe_of(source, epochs=1.0), CancelToken()
    run = Runs(home.runs).create(recipe)

    def stop_while_measuring():
        for event in tune(recipe, run, home, cancel):
            if isinstance(event, Progress) and "current" in event.step:
                cancel.cancel()

    with pytest.raises(Cancelled):
        stop_while_measuring()
    assert run.report() is None
    again = list(tune(recipe, run, home, CancelToken()))
    assert not [event for event in again if isinstance(event, TrainingStep)]
    assert again[-1].state == "judged"


def test_that_the_gate_can_be_asked_again(home, source):
    run, events = run_of(home, recipe_of(source, epochs=1.0))
    (judged,) = [event for event in judge(run, home, CancelToken()) if isinstance(event, Judged)]
    assert judged.report.measures == events[-2].report.measures


def test_that_clicks_and_good_answers_count_and_bad_ones_do_not(home):
    write_settings(home.settings, Settings(collect=True))
    kept = CollectedPairs(home)
    for number in range(12):
        kind = ("good", "corrected", "click", "bad")[number % 4]
        evidence = (Evidence(f"Title {number}", str(number), (("", f"Text {number}."),)),)
        kept.keep(Collected(str(number), kind, f"Question {number}?", "", "", evidence, "", str(number)))
    recipe = recipe_of(Source(format="collected"), validation=0.0)
    asked = read_asked(recipe, home, CancelToken())
    assert sorted(int(one.question.split()[1][:-1]) for one in asked) == [0, 1, 2, 4, 5, 6, 8, 9, 10]


def test_that_too_little_is_said(home, tmp_path):
    path = tmp_path / "few.jsonl"
    path.write_text(json.dumps({"question": "q?", "answer": "a", "context": "c"}) + "\n")
    with pytest.raises(DataUnusable, match="Only 1 questions with evidence"):
        read_asked(recipe_of(Source(str(path))), home, CancelToken())


def test_that_documents_are_never_split(home, tmp_path):
    rng = random.Random(0)
    lines = [
        {
            "question": f"Question {n}?",
            "answer": "a",
            "context": f"Text {n}",
            "document": str(rng.randrange(15)),
        }
        for n in range(60)
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    asked = read_asked(recipe_of(Source(str(path))), home, CancelToken())
    sides = {
        split: {d for one in asked if one.split == split for d in one.documents}
        for split in ("train", "validation")
    }
    assert sides["train"]
    assert sides["validation"]
    assert not sides["train"] & sides["validation"]


def unit(*angles):
    return np.array([[np.cos(a), np.sin(a)] for a in angles], np.float32)


def test_that_a_ranking_is_scored_as_published():
    passages = unit(*[0.1 * n for n in range(20)])
    first, third, none = rank(
        unit(0.0, 0.0, 0.0), passages, [frozenset({0}), frozenset({2, 15}), frozenset({19})]
    )
    assert (first.ndcg, first.recall, first.reciprocal, first.best) == (1.0, 1.0, 1.0, 0)
    assert first.similarity == pytest.approx(1.0)
    assert third.ndcg == pytest.approx(0.5 / (1 + 1 / np.log2(3)))
    assert (third.recall, third.reciprocal) == (0.5, pytest.approx(1 / 3))
    assert (none.ndcg, none.recall, none.reciprocal) == (0.0, 0.0, 0.0)


def test_that_hard_negatives_are_close_but_neither_right_nor_too_close():
    texts = ["right", "twin", "near", "far", "same document"]
    vectors = unit(0.3, 0.31, 0.6, 1.5, 0.5)
    never = {"q": frozenset({"right", "same document"})}
    asked = {"q": unit(0.0)[0]}
    assert hard_negatives([("q", "right")], asked, texts, vectors, never, 1) == [("near",)]
    assert hard_negatives([("q", "right")], asked, texts, vectors, never, 2) == [("near", "far")]
    assert hard_negatives([("q", "right")], asked, texts, vectors, never, 3) == [("near", "far", "twin")]


def test_that_a_kill_while_saving_leaves_no_half_model(home, source, monkeypatch):
    recipe = recipe_of(source, epochs=1.0)
    run = Runs(home.runs).create(recipe)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("training.embedder_training.flush", die)
        with pytest.raises(KeyboardInterrupt):
            list(tune(recipe, run, home, CancelToken()))
    assert not run.merged.exists()
    assert list(tune(recipe, run, home, CancelToken()))[-1].state == "judged"
    assert load_embedder(run.merged).dim == 64


@pytest.fixture
def prefixed(home, tiny_embedder):
    """A model whose questions and passages begin with words of their own, which only its name says."""
    shutil.copytree(tiny_embedder, home.models / "e5-small")
    settings = tiny_settings()
    write_settings(home.settings, replace(settings, model=replace(settings.model, embedder="e5-small")))
    return home


def test_that_questions_are_embedded_as_questions_where_models_tell_them_apart(prefixed, source):
    recipe = replace(recipe_of(source, max_steps=1, hard_negatives=0), base="e5-small")
    run, _ = run_of(prefixed, recipe)
    task = _Task.of(read_back(run.dataset))
    for folder, which in ((prefixed.models / "e5-small", "before"), (run.merged, "after")):
        embedder = load_embedder(folder)
        assert (embedder.rules.query_prefix, embedder.rules.passage_prefix) == ("query: ", "passage: ")
        texts = [passage.text for passage in task.passages]
        ranked = rank(embedder.encode_queries(task.questions), embedder.encode(texts), task.right)
        mean = sum(one.ndcg for one in ranked) / len(ranked)
        assert getattr(run.report().measures[0], which) == pytest.approx(mean)


def test_that_a_model_is_trained_on_texts_with_their_prefixes(prefixed, source, tiny_embedder):
    """A model without prefixes learns the same from texts that begin with them."""
    rows = [(f"Is it {n}?", f"It is {n}.", f"It is not {n}.") for n in range(16)]
    written = [(f"query: {asked}", *(f"passage: {text}" for text in texts)) for asked, *texts in rows]
    weights = []
    for base, given in (("e5-small", rows), ("tiny-embedder", written)):
        run = Runs(prefixed.runs).create(recipe := recipe_of(source, max_steps=2))
        fit(prefixed.models / base, given, recipe, run, CancelToken(), lambda _: None)
        weights.append((run.merged / "model.safetensors").read_bytes())
    assert weights[0] == weights[1]
