"""The window's end of a worker, on real, tiny worker processes: no model, and no mock of QProcess."""

import sys

import pytest

from core.protocol import Ask, Done, Failed, Status, Token, Warm
from desktop.worker_client import LOG_LIMIT, WorkerClient, WorkerProgram
from tests.desktop.window_fakes import say, worker


@pytest.fixture
def client_of(qtbot, tmp_path):
    clients = []

    def make(script, *, command=None):
        program = WorkerProgram(command or worker(script), tmp_path / "logs" / "log")
        clients.append(WorkerClient(program, cancel_grace_ms=300))
        clients[-1].heard = []
        clients[-1].received.connect(clients[-1].heard.append)
        return clients[-1]

    yield make
    for client in clients:
        client.shut_down(grace_ms=500)


@pytest.fixture
def ends(qtbot):
    def wait(client):
        qtbot.waitUntil(lambda: not client.busy, timeout=10_000)
        return client.heard

    return wait


def test_that_a_job_ends_in_one_done_and_the_worker_serves_the_next(client_of, ends):
    client = client_of(say(Token("a"), Done()))
    client.start_job(Ask("one"))
    assert ends(client) == [Token("a"), Done()]
    first = client.process_id
    client.start_job(Ask("two"))
    assert ends(client) == [Token("a"), Done()] * 2
    assert client.process_id == first


@pytest.mark.parametrize("death", ["os.abort()", "sys.exit(3)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_that_a_worker_that_dies_fails_its_job_once_after_its_last_words(client_of, ends, death):
    client = client_of(say(Token("COX-1")) + death)
    client.start_job(Ask("?"))
    heard = ends(client)
    assert heard[0] == Token("COX-1")
    assert [type(event) for event in heard[1:]] == [Failed]
    assert heard[1].hint


def test_that_a_stray_print_fails_the_job_and_a_new_worker_takes_the_next_at_once(client_of, ends):
    client = client_of(
        "if request['question'] == 'bad': print(10, flush=True); time.sleep(60)\n" + say(Done())
    )
    client.start_job(Ask("bad"))
    assert [type(event) for event in ends(client)] == [Failed]
    client.start_job(Ask("good"))
    assert ends(client)[1:] == [Done()]


def test_that_a_missing_program_is_reported(client_of, ends):
    client = client_of("", command=["/no/such/program"])
    client.start_job(Ask("?"))
    assert [event.code for event in ends(client)] == ["worker_missing"]


def test_that_a_worker_deaf_to_cancel_is_killed_and_the_job_counts_as_cancelled(client_of, ends):
    client = client_of("time.sleep(60)")
    client.start_job(Ask("?"))
    client.cancel()
    assert ends(client) == [Done(cancelled=True)]
    assert client.process_id is None


def test_that_a_job_waits_for_the_warm_up_and_hears_what_it_does(client_of, ends, tmp_path):
    warm = say(Status("Loading the model")) + "time.sleep(0.3)\n" + say(Done())
    source = (
        "import sys, time\nsys.stdin.readline()\n" + warm + "sys.stdin.readline()\n" + say(Token("a"), Done())
    )
    client = client_of("", command=[sys.executable, "-c", source])
    client.warm(Warm())
    client.start_job(Ask("?"))
    assert ends(client) == [Status("Loading the model"), Token("a"), Done()]


def test_that_a_job_that_comes_late_hears_what_the_warm_up_is_at(client_of, ends, qtbot, tmp_path):
    told = tmp_path / "told"
    source = (
        "import pathlib, sys, time\nsys.stdin.readline()\n"
        + say(Status("Opening the library"), Status("Loading the model"))
        + f"pathlib.Path({str(told)!r}).touch()\nsys.stdin.readline()\n"
        + say(Done())
        + "sys.stdin.readline()\n"
    )
    client = client_of("", command=[sys.executable, "-c", source])
    client.warm(Warm())
    qtbot.waitUntil(told.exists, timeout=10_000)
    qtbot.wait(50)
    client.start_job(Ask("?"))
    assert client.heard == [Status("Loading the model")]
    client.cancel()


def test_that_a_job_that_waits_for_a_warm_up_can_be_cancelled_at_once(client_of, ends):
    source = "import sys, time\ntime.sleep(60)"
    client = client_of("", command=[sys.executable, "-c", source])
    client.warm(Warm())
    client.start_job(Ask("?"))
    client.cancel()
    assert client.heard == [Done(cancelled=True)]


def test_that_a_worker_that_dies_while_warming_is_replaced_for_the_waiting_job(client_of, ends, tmp_path):
    mark = tmp_path / "died"
    source = (
        "import os, sys\nline = sys.stdin.readline()\n"
        f"if not os.path.exists({str(mark)!r}): open({str(mark)!r}, 'w').close(); sys.exit(1)\n" + say(Done())
    )
    client = client_of("", command=[sys.executable, "-c", source])
    client.warm(Warm())
    client.start_job(Ask("?"))
    assert ends(client) == [Done()]


def test_that_a_retired_worker_ends_and_the_next_job_starts_another(client_of, ends):
    client = client_of(say(Done()))
    client.start_job(Ask("?"))
    ends(client)
    first = client.process_id
    client.retire()
    client.start_job(Ask("?"))
    ends(client)
    assert client.process_id != first


def test_that_the_end_of_input_ends_the_worker(client_of, ends, qtbot):
    client = client_of(say(Done()))
    client.start_job(Ask("?"))
    ends(client)
    process = client._process
    client.shut_down()
    assert process.exitCode() == 0


def test_that_standard_error_goes_to_a_log_that_does_not_grow_for_ever(client_of, ends, tmp_path):
    log = tmp_path / "logs" / "log"
    log.parent.mkdir()
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    client = client_of("print('warning', file=sys.stderr)\n" + say(Done()))
    client.start_job(Ask("?"))
    ends(client)
    client.shut_down()
    assert log.read_text() == "warning\n"
    assert log.with_name("log.1").exists()
