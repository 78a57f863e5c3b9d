"""Evaluations from plan to report, with tiny real models; stopped, killed, resumed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from core.cancel import Cancelled, CancelToken
from core.errors import InputUnreadable, ModelUnusable, RunUnusable
from core.evaluation.plans import AnswersPlan, BiasPlan, CitationsPlan, RetrievalPlan, plan_of
from core.evaluation.running import Evaluator
from core.evaluation.runs import Evaluations
from core.protocol import Evaluate, Evaluated, Progress, Status
from core.runtime import Runtime
from core.settings import read_settings
from core.worker.jobs import Jobs
from tests.fakes.tiny_home import RECORDS, make_tiny_home

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder):
    return make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder)


@pytest.fixture(scope="module")
def runtime(home):
    return Runtime(home, read_settings(home.settings))


@pytest.fixture
def evaluator(runtime):
    return Evaluator(runtime, CancelToken(), lambda *step: None)


@pytest.fixture(scope="module")
def beir(tmp_path_factory):
    """A task of three documents, asked for by their titles; the third has no right document among them."""
    folder = tmp_path_factory.mktemp("beir")
    corpus = [{"_id": r["pmid"], "title": r["title"], "text": r["abstract"]} for r in RECORDS]
    queries = [{"_id": r["pmid"], "text": r["title"]} for r in RECORDS]
    qrels = [(r["pmid"], r["pmid"]) for r in RECORDS[:2]] + [(RECORDS[2]["pmid"], "999")]
    files = {"corpus": corpus, "queries": queries}
    for name, lines in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "qrels.tsv").write_text("".join(f"{query}\t{document}\t1\n" for query, document in qrels))
    return RetrievalPlan(*(str(folder / name) for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")))


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "questions.jsonl"
    lines = [
        {
            "id": f"q{n}",
            "question": f"Does {r['title'].lower()} help?",
            "answer": r["abstract"],
            "decision": ("yes", "no")[n % 2],
            "context": r["abstract"],
            "pmid": r["pmid"],
        }
        for n, r in enumerate(RECORDS)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{broken\n")
    return path


def test_that_search_is_measured_and_reported(evaluator, beir):
    done = evaluator.run(beir)
    result = done.result()
    assert (result.queries, result.documents) == (3, 3)
    assert [one.mode for one in result.modes] == ["hybrid", "dense", "lexical"]
    lexical = result.modes[2]
    assert lexical.ndcg_10.value == pytest.approx(2 / 3, abs=1e-3)  # two are first, one is nowhere
    assert lexical.mrr_10.value == pytest.approx(2 / 3, abs=1e-3)
    assert done.info().state == "done"
    assert len(done.items()) == 9
    report = done.report.read_text("utf-8")
    assert "<svg" in report
    assert "Not medical advice" in report
    assert "http-equiv" in report
    for loading in ("<script", "src=", "<link", "url(http", "@import"):
        assert loading not in report


def test_that_an_index_is_made_once_and_goes_with_its_last_evaluation(evaluator, beir, home):
    first, second = evaluator.run(beir), evaluator.run(beir)
    runs = Evaluations(home.evaluations)
    index = first.about().index
    assert index == second.about().index
    assert len(runs.indexes.versions(index).finished()) == 1
    for one in runs.all()[1:]:
        runs.delete(one)
    assert index in runs.indexes.names()
    runs.delete(runs.all()[0])
    assert index not in runs.indexes.names()


def test_that_answers_are_measured_in_every_setting(evaluator, runtime, questions):
    plan = AnswersPlan(str(questions), "jsonl", ("gold", "retrieved", "withheld", "none"))
    done = evaluator.run(plan)
    result = done.result()
    by = {one.setting: one for one in result.settings}
    assert list(by) == ["gold", "retrieved", "withheld", "none"]
    assert {one.items for one in by.values()} == {3}
    assert by["gold"].found.value == 1.0
    assert by["withheld"].found is None or by["withheld"].found.value == 0.0
    assert by["none"].after.citations == 0
    assert sum(one.invalid for one in by.values()) == 0
    assert [one.record for one in result.rejected] == [4]
    assert {one.first for one in result.comparisons} == {"none"}
    assert result.coverage.answerable == result.coverage.unanswerable == 3
    items = done.items()
    decided = {"yes", "no", "maybe"}
    assert {item["chosen"] for item in items if item["setting"] in ("gold", "none")} <= decided
    own = {f"q{n}": record["pmid"] for n, record in enumerate(RECORDS)}
    assert all(own[item["id"]] not in item["read"] for item in items if item["setting"] == "withheld")
    assert "Coverage and precision" in done.report.read_text("utf-8")
    # figures can be worked out again where neither index nor model is, from the items alone
    shutil.rmtree(runtime.home.evaluations / ".indexes")
    for name in ("result.json", "report.html"):
        (done.folder / name).unlink()
    bare = Runtime(runtime.home, runtime.settings)
    again = Evaluator(bare, CancelToken(), lambda *step: None).resume(done.id)
    assert again.result() == result
    assert bare._engine is None


def test_that_answers_written_together_are_those_written_alone(runtime, evaluator, questions, monkeypatch):
    from core.evaluation import answers

    alone = evaluator.run(AnswersPlan(str(questions), "jsonl", ("gold", "none"), batch=1))
    monkeypatch.setattr(answers, "_ALONE", 0)
    together = evaluator.run(AnswersPlan(str(questions), "jsonl", ("gold", "none"), batch=3))
    kept = ("key", "chosen", "answer", "after", "before", "refused")
    left, right = ([{name: item[name] for name in kept} for item in run.items()] for run in (alone, together))
    assert left == right
    assert all(item["seconds"] is None for item in together.items())
    assert all(item["seconds"] > 0 for item in alone.items())


def test_that_persons_are_compared(evaluator, tmp_path):
    lines = [
        {"attribute": "sex", "variants": {"woman": "a woman", "man": "a man"}},
        {
            "attribute": "age",
            "variants": {"old": "an old person", "young": "a young person", "mid": "a person"},
        },
        *(
            {
                "id": str(n),
                "question": "May {person} drink tea?",
                "passage": "Tea is safe.",
                "decision": "yes",
            }
            for n in range(2)
        ),
        {"id": "bad", "question": "May anyone?", "passage": "Yes.", "decision": "yes"},
    ]
    path = tmp_path / "vignettes.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = evaluator.run(BiasPlan(str(path))).result()
    assert result.vignettes == 2
    assert [(one.attribute, one.pairs) for one in result.attributes] == [("sex", 2), ("age", 6)]
    assert [one.record for one in result.rejected] == [5]
    assert [group.variant for group in result.attributes[0].groups] == ["woman", "man"]


def test_that_checks_of_citations_stand_side_by_side(evaluator, tmp_path):
    (tmp_path / "corpus.jsonl").write_text(
        json.dumps({"doc_id": 1, "title": "T", "abstract": ["Tea lowered pressure.", "Nobody was harmed."]})
        + "\n"
    )
    claims = [
        {
            "id": 1,
            "claim": "Tea lowered pressure.",
            "evidence": {"1": [{"label": "SUPPORT", "sentences": [0]}]},
        },
        {
            "id": 2,
            "claim": "Tea raised pressure.",
            "evidence": {"1": [{"label": "CONTRADICT", "sentences": [0]}]},
        },
    ]
    path = tmp_path / "claims_dev.jsonl"
    path.write_text("".join(json.dumps(claim) + "\n" for claim in claims))
    result = evaluator.run(CitationsPlan(str(path), ("rules", "cosine"))).result()
    assert [one.name for one in result.verifiers] == ["rules", "cosine"]
    assert result.verifiers[0].scores.three_way.value == 1.0  # a direction that differs is a rule's to see


@pytest.mark.parametrize(
    ("plan", "error", "words"),
    [
        (AnswersPlan("/nowhere/file.jsonl", "jsonl"), InputUnreadable, "Cannot read /nowhere/file.jsonl"),
        (AnswersPlan("QUESTIONS", "jsonl", model="no-such-model"), ModelUnusable, "no-such-model"),
        (AnswersPlan("QUESTIONS", "bioasq"), InputUnreadable, "looks like jsonl"),
        (BiasPlan("QUESTIONS"), InputUnreadable, "no vignette"),
        (CitationsPlan("QUESTIONS"), InputUnreadable, "corpus.jsonl"),
    ],
)
def test_that_bad_input_is_refused_in_a_sentence_with_a_next_step(evaluator, questions, plan, error, words):
    from dataclasses import fields, replace

    named = {f.name: str(questions) for f in fields(plan) if getattr(plan, f.name) == "QUESTIONS"}
    with pytest.raises(error, match=words) as said:
        evaluator.run(replace(plan, **named))
    assert said.value.hint


def test_that_options_that_are_no_plan_are_refused():
    with pytest.raises(InputUnreadable, match="no option colour"):
        plan_of("bias", {"colour": "red"})
    with pytest.raises(InputUnreadable, match="dataset"):
        plan_of("answers", {"format": "jsonl"})
    with pytest.raises(InputUnreadable, match="less than one"):
        plan_of("bias", {"limit": 0})


def test_that_a_cancelled_evaluation_goes_on_where_it_stopped(runtime, questions):
    cancel, steps = CancelToken(), []

    def tell(step, done, total, unit):
        steps.append(step)
        if step == "Answering: none" and done == 1:
            cancel.cancel()

    evaluator = Evaluator(runtime, cancel, tell)
    with pytest.raises(Cancelled):
        evaluator.run(AnswersPlan(str(questions), "jsonl", ("gold", "none")))
    run = Evaluations(runtime.home.evaluations).get(evaluator.current)
    before = run.items()
    assert run.info().state == "stopped"
    assert 3 < len(before) < 6
    Evaluator(runtime, CancelToken(), lambda *step: None).resume(evaluator.current)
    assert run.items()[: len(before)] == before
    assert sorted(item["key"] for item in run.items()) == [
        f"{s}/q{n}" for s in ("gold", "none") for n in range(3)
    ]
    assert run.info().state == "done"


def test_that_a_run_whose_file_has_changed_is_not_mixed(runtime, questions, tmp_path):
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(questions.read_bytes())
    evaluator = Evaluator(runtime, CancelToken(), lambda *step: None)
    done = evaluator.run(AnswersPlan(str(copy), "jsonl", ("none",), limit=1))
    copy.write_text(copy.read_text() + "\n")
    with pytest.raises(RunUnusable, match="has changed since"):
        evaluator.resume(done.id)


def test_that_the_worker_tells_how_far_it_is_and_names_the_run(home, beir):
    options = msgspec.to_builtins(beir) | {"modes": ["lexical"]}
    events = list(Jobs(home).run(Evaluate("retrieval", options), CancelToken()))
    assert isinstance(events[0], Status)
    assert Progress("Searching: lexical", 3, 3, "items") in events
    assert isinstance(events[-1], Evaluated)
    assert Evaluations(home.evaluations).get(events[-1].run).info().state == "done"
    with pytest.raises(InputUnreadable, match="no option wrong"):
        list(Jobs(home).run(Evaluate("retrieval", {"wrong": 1}), CancelToken()))


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is not of Windows")
def test_that_a_killed_evaluation_resumes_exactly(home, evaluator, tmp_path):
    """A real process, killed while it writes items, and half a line put where a crash could leave one."""
    words = [f"word{n}" for n in range(150)]
    documents = [{"_id": word, "title": word, "text": f"About {word} alone."} for word in words]
    queries = [{"_id": word, "text": word} for word in words]
    for name, lines in (("corpus", documents), ("queries", queries)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "qrels.tsv").write_text("".join(f"{word}\t{word}\t1\n" for word in words))
    names = [str(tmp_path / name) for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")]
    plan = RetrievalPlan(*names, modes=("hybrid", "lexical"))
    whole = evaluator.run(plan)
    options = [f"--{name}={path}" for name, path in zip(("corpus", "queries", "qrels"), names, strict=True)]
    running = subprocess.Popen(
        [sys.executable, "-m", "desktop.cli", "evaluate", "retrieval", *options, "--modes=hybrid,lexical"],
        cwd=ROOT,
        env={**os.environ, "VADEMECUM_HOME": str(home.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    runs = Evaluations(home.evaluations)
    known = {run.id for run in runs.all()}
    deadline = time.monotonic() + 120
    while not (new := [run for run in runs.all() if run.id not in known]) or len(new[0].items()) < 40:
        assert time.monotonic() < deadline
        assert running.poll() is None, running.communicate()
    running.send_signal(signal.SIGKILL)
    running.communicate()
    before = new[0].items()
    assert new[0].info().state == "stopped"
    assert len(before) < 300
    with (new[0].folder / "items.jsonl").open("ab") as file:
        file.write(b'{"key": "hybrid/word1')
    evaluator.resume(new[0].id)
    items = new[0].items()
    assert items[: len(before)] == before
    assert [item["key"] for item in items] == [item["key"] for item in whole.items()]
    figures = [
        [(one.ndcg_10, one.recall_100, one.mrr_10) for one in run.result().modes] for run in (new[0], whole)
    ]
    assert figures[0] == figures[1]
