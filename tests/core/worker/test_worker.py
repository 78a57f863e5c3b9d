"""Workers as real processes on tiny models: every job ends once, and none outlives its window."""

import json
import subprocess
import sys
import time

import pytest

from core import offline
from core.protocol import (
    AddToLibrary,
    Answered,
    Ask,
    Cancel,
    Done,
    Facets,
    Failed,
    Imported,
    Inspect,
    Inspected,
    ListFacets,
    Progress,
    Search,
    Searched,
    Token,
    Warm,
    decode_event,
    encode,
)
from core.settings import write_settings
from core.types import Filters
from tests.fakes.tiny_home import QUESTION, make_tiny_home, tiny_settings, write_records


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder):
    return make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder)


class Worker:
    """A running worker, spoken to as the window does."""

    def __init__(self, home, module="core.worker"):
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=offline.worker_environment(home),
        )

    def send(self, *requests):
        for request in requests:
            self.process.stdin.write(encode(request))
        self.process.stdin.flush()

    def event(self):
        return decode_event(self.process.stdout.readline())

    def job(self):
        """Return the events of one job, up to its end."""
        events = [self.event()]
        while not isinstance(events[-1], Done | Failed):
            events.append(self.event())
        return events

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


@pytest.fixture
def worker(home):
    running = Worker(home)
    yield running
    assert running.close() == 0


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def test_that_a_question_streams_its_answer_and_ends_once(worker):
    worker.send(Warm(("starter",)), Ask(QUESTION, libraries=("starter",), seed=3))
    assert worker.job()[-1] == Done()
    events = worker.job()
    assert events[-1] == Done()
    assert of(Token, events)
    (answered,) = of(Answered, events)
    assert answered.answer.libraries[0].name == "starter"
    assert len(of(Done, events)) == 1


def test_that_a_search_gives_numbered_hits(worker):
    worker.send(Search(QUESTION, ("starter",), k=2, mode="lexical"))
    (searched,) = of(Searched, worker.job())
    assert [hit.rank for hit in searched.result.hits] == list(range(1, len(searched.result.hits) + 1))
    assert searched.result.hits[0].document.pmid == "101"
    assert searched.result.hits[0].scores.dense is None


def test_that_files_are_imported_with_progress_and_a_report(worker, tmp_path):
    source = write_records(tmp_path / "new.jsonl")
    worker.send(AddToLibrary("imported", (str(source),)))
    events = worker.job()
    (imported,) = of(Imported, events)
    assert (imported.report.added, imported.report.failed) == (3, 0)
    assert of(Progress, events)


def test_that_a_failure_is_explained_and_the_worker_goes_on(worker):
    worker.send(Ask("?", libraries=("nowhere",)), Inspect())
    (failed,) = of(Failed, worker.job())
    assert failed.code == "library_missing"
    assert failed.hint
    assert worker.job()[-1] == Done()


def test_that_cancel_stops_the_running_answer_within_a_token_or_two(home, tmp_path):
    slow = tmp_path / "slow"
    slow.mkdir()
    for name in ("models", "libraries"):
        (slow / name).symlink_to(home.root / name)
    settings = tiny_settings()
    object.__setattr__(settings.sampling, "max_new_tokens", 7000)
    write_settings(slow / "settings.toml", settings)
    running = Worker(type(home)(slow))
    running.send(Ask(QUESTION, libraries=("starter",), seed=11))
    while not isinstance(running.event(), Token):
        pass
    running.send(Cancel())
    events = running.job()
    assert events[-1] == Done(cancelled=True)
    assert of(Answered, events)[0].answer.stopped
    assert running.close() == 0


def test_that_a_bad_line_is_answered_and_the_next_request_served(worker):
    worker.process.stdin.write(b"loading: 10%\n")
    worker.send(Inspect())
    assert worker.job()[-1].code == "protocol"
    assert worker.job()[-1] == Done()


def test_that_a_worker_ends_when_its_window_is_gone(home):
    running = Worker(home)
    running.send(Inspect())
    running.job()
    start = time.monotonic()
    assert running.close() == 0
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("module", ["core.worker", "training"])
def test_that_every_worker_is_guarded_and_has_what_it_needs(home, module):
    running = Worker(home, module)
    running.send(Inspect())
    (inspected,) = of(Inspected, running.job())
    assert inspected.guarded
    assert inspected.missing == ()
    assert running.close() == 0


def test_that_the_training_process_refuses_questions(home):
    running = Worker(home, "training")
    running.send(Ask("What heals?"))
    assert running.job()[-1].code == "protocol"
    assert running.close() == 0


def test_that_no_question_text_is_written_to_the_log(home):
    running = Worker(home)
    running.send(Ask("secretword and more", libraries=("starter",)))
    running.send(Ask("secretword", libraries=("nowhere",)))
    running.job()
    running.job()
    running.process.stdin.close()
    log = running.process.stderr.read().decode()
    running.process.wait(30)
    running.process.stdout.close()
    running.process.stderr.close()
    assert "secretword" not in log
    assert json.dumps("secretword") not in log


def test_that_a_search_is_filtered_and_what_can_be_filtered_by_is_told(worker):
    narrow = Filters(year_from=2010)
    worker.send(Search("children", ("starter",), filters=narrow), ListFacets(("starter",)))
    found = next(event.result for event in worker.job() if isinstance(event, Searched))
    assert [hit.document.pmid for hit in found.hits] == ["102"]
    facets = next(event for event in worker.job() if isinstance(event, Facets))
    assert facets.journals == (("Journal of Made-up Trials", 2),)
    assert facets.years == (2007, 2011)
