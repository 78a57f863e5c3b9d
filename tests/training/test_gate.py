"""The gate on tiny models: what is measured is what the model says, and the verdict is kept."""

import threading
import time

import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import RunUnusable
from core.generation.engine import Message
from core.generation.prompts import REFUSAL, evidence_block, grounded_messages
from core.generation.transformers_engine import TransformersEngine
from core.paths import Home
from core.protocol import Judged, Progress, Status
from core.settings import ModelSettings, SamplingSettings, write_settings
from core.tuning.activation import activate
from core.tuning.recipe import BaseChoice, Recipe
from core.tuning.runs import Runs
from tests.fakes.tiny_home import tiny_settings
from tests.fakes.tiny_models import make_tiny_llama
from tests.fakes.tiny_runs import make_finished_run
from training.data.conversations import Conversation
from training.data.prepare import write_dataset
from training.data.rows import RowMaker
from training.gate import held_out, judge
from training.gate_measuring import DECISIONS, measure

GREEDY = SamplingSettings(temperature=0, repetition_penalty=1.0, max_new_tokens=20)


def conversation(number, split="validation", decision=""):
    blocks = [evidence_block(1, "", "Vitamin C helps. " * number), evidence_block(2, "", "Bread is good.")]
    question = f"Does vitamin C help case {number}?"
    return Conversation(
        messages=tuple(grounded_messages(question, blocks, [])),
        answer=REFUSAL if number % 4 == 0 else "Yes, vitamin C helps [1].",
        split=split,
        question=question,
        answering=() if number % 4 == 0 else (1,),
        passages=2,
        decision=decision,
    )


CONVERSATIONS = [conversation(n, decision="yes" if n % 4 else "") for n in range(1, 8)]


@pytest.fixture(scope="module")
def engine(tiny_llama):
    return TransformersEngine.load(tiny_llama, ModelSettings(device="cpu", context=4096), CancelToken())


@pytest.fixture(scope="module")
def results(engine):
    return measure(engine, CONVERSATIONS, CancelToken(), longest=20, batch=3)


def test_that_the_loss_is_that_of_each_row_alone(engine, results):
    import torch

    maker = RowMaker(engine.loaded.tokenizer, 2048)
    for item, asked in zip(results, CONVERSATIONS, strict=True):
        row = maker.row(asked)
        with torch.inference_mode():
            ids, labels = torch.tensor([row.input_ids]), torch.tensor([row.labels])
            mean = engine.loaded.model(input_ids=ids, labels=labels).loss
        assert item.tokens == row.trained
        assert item.nll == pytest.approx(float(mean) * row.trained, rel=1e-4)


def test_that_the_written_answers_are_those_of_the_engine(engine, results):
    for item, asked in zip(results, CONVERSATIONS, strict=True):
        written = "".join(engine.stream(asked.messages, GREEDY, 0, CancelToken()))
        assert item.answer == written.strip()


def test_that_the_decision_is_the_likeliest_beginning(engine, results):
    import torch

    maker = RowMaker(engine.loaded.tokenizer, 2048)
    for item, asked in zip(results, CONVERSATIONS, strict=True):
        if not asked.decision:
            assert item.chosen == ""
            continue
        row = maker.row(asked)
        ids = torch.tensor([row.input_ids[: -row.trained]])
        with torch.inference_mode():
            logits = engine.loaded.model(input_ids=ids).logits[0, -1]
        first = {word: engine.loaded.tokenizer(word.capitalize())["input_ids"][0] for word in DECISIONS}
        assert item.chosen == max(DECISIONS, key=lambda word: logits[first[word]])


def test_that_batches_make_no_difference(engine, results):
    alone = measure(engine, CONVERSATIONS, CancelToken(), longest=20, batch=1)
    assert [item.answer for item in alone] == [item.answer for item in results]
    assert [item.nll for item in alone] == pytest.approx([item.nll for item in results], rel=1e-4)


def test_that_a_conversation_that_cannot_fit_is_passed_over(engine):
    long = Conversation((Message("user", "x" * 500),), "y", "validation", "x")
    item, other = measure(engine, [long, CONVERSATIONS[0]], CancelToken(), max_length=400, longest=5)
    assert (item.tokens, item.answer) == (0, "")
    assert other.tokens > 0


def test_that_a_cancel_acts_within_an_answer(engine):
    cancel = CancelToken()
    threading.Timer(0.3, cancel.cancel).start()
    start = time.perf_counter()
    with pytest.raises(Cancelled):
        measure(engine, CONVERSATIONS * 50, cancel, longest=3000, max_length=4096)
    assert time.perf_counter() - start < 5


@pytest.fixture
def home(tmp_path, tiny_llama):
    made = Home(tmp_path / "home")
    made.models.mkdir(parents=True)
    (made.models / "tiny-llama").symlink_to(tiny_llama)
    write_settings(made.settings, tiny_settings())
    return made


@pytest.fixture(scope="module")
def other_llama(tmp_path_factory):
    return make_tiny_llama(tmp_path_factory.mktemp("models") / "other", seed=1)


def run_of(home, model):
    recipe = Recipe(name="mine", base=BaseChoice("tiny-llama"))
    run = make_finished_run(home, model, recipe, verdict=None)
    write_dataset(run.dataset, [conversation(20, "train"), *CONVERSATIONS])
    return run


def test_that_the_same_model_is_judged_equal_and_the_report_is_kept(home, tiny_llama):
    run = run_of(home, tiny_llama)
    *events, last = judge(run, home, CancelToken())
    assert isinstance(last, Judged)
    assert last.report == run.report()
    report = last.report
    assert (report.verdict, report.heldout) == ("equal", 7)
    assert (report.current, report.candidate) == ("tiny-llama", "mine")
    assert "few" in report.reason
    assert all(sample.before == sample.after for sample in report.samples)
    assert len(report.samples) == 7
    assert [event.text for event in events if isinstance(event, Status)] == [
        "Loading the current model",
        "Loading the new model",
    ]
    assert Progress("Measuring the new model", 7, 7, "questions") in events


def test_that_another_model_is_told_apart(home, other_llama):
    report = list(judge(run_of(home, other_llama), home, CancelToken()))[-1].report
    loss = next(measure for measure in report.measures if measure.name == "Loss")
    assert loss.before != loss.after
    assert report.verdict in ("better", "worse")
    assert "Loss" in report.reason


def test_that_a_model_in_use_is_compared_with_its_base(home, other_llama):
    run = run_of(home, other_llama)
    activate(home, run.id, insist=True)
    assert list(judge(run, home, CancelToken()))[-1].report.current == "tiny-llama"


def test_that_a_run_without_a_model_or_data_is_refused(home, tiny_llama):
    with pytest.raises(RunUnusable, match="no merged model"):
        list(judge(Runs(home.runs).create(Recipe()), home, CancelToken()))
    run = run_of(home, tiny_llama)
    run.dataset.unlink()
    with pytest.raises(RunUnusable, match="missing or damaged"):
        list(judge(run, home, CancelToken()))


def test_that_a_stopped_comparison_leaves_no_report(home, tiny_llama):
    run, cancel = run_of(home, tiny_llama), CancelToken()

    def stop_at_the_first_batch():
        for event in judge(run, home, cancel):
            if isinstance(event, Progress):
                cancel.cancel()

    with pytest.raises(Cancelled):
        stop_at_the_first_batch()
    assert run.report() is None


def test_that_the_held_out_items_are_always_the_same_and_never_trained_on():
    many = [conversation(n, "validation" if n % 2 else "train") for n in range(1, 60)]
    chosen = held_out(many, 10)
    assert chosen == held_out(many, 10)
    assert len(chosen) == 10
    assert {one.split for one in chosen} == {"validation"}
