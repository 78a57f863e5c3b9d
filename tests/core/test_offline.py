"""The guard: tried in processes of their own, since an audit hook is for good."""

import json
import subprocess
import sys

import pytest

from core import offline
from core.paths import Home

ARMED = """
import sys
from pathlib import Path
from core import offline
from core.errors import OfflineViolation
from core.paths import Home
home = Home(Path(sys.argv[1]))
offline.arm("test", home)
"""


def run(home: Home, code: str) -> str:
    command = [sys.executable, "-c", ARMED + code, str(home.root)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def refused(statement: str) -> str:
    return f"""
import socket, urllib.request
try:
    {statement}
except OfflineViolation as error:
    print("refused", error)
"""


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        ("socket.create_connection(('192.0.2.1', 80), 2)", "192.0.2.1"),
        ("socket.getaddrinfo('example.invalid', 80)", "example.invalid"),
        ("socket.gethostbyname('example.invalid')", "example.invalid"),
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", "192.0.2.1"),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", "2001:db8::1"),
        ("socket.socket().connect_ex(('192.0.2.7', 80))", "192.0.2.7"),
    ],
)
def test_that_every_way_out_is_refused_and_counted(home, statement, target):
    assert target in run(home, refused(statement))
    assert offline.attempts(home) == 1
    entry = json.loads(home.network_log.read_text())
    assert (entry["process"], entry["target"]) == ("test", target)


def test_that_libraries_meet_a_connection_error_they_know(home):
    code = """
import urllib.error, urllib.request
try:
    urllib.request.urlopen("http://192.0.2.1/", timeout=2)
except urllib.error.URLError as error:
    print(type(error.reason).__name__)
"""
    assert run(home, code) == "OfflineViolation"


def test_that_this_computer_itself_is_in_reach(home):
    code = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(("localhost", server.getsockname()[1]), 5).close()
left, right = socket.socketpair()
left.send(b"x")
print("done")
"""
    assert run(home, code) == "done"
    assert offline.attempts(home) == 0


def test_that_the_guard_can_be_tried_without_being_counted(home):
    assert run(home, "print(offline.is_armed())") == "True"
    assert offline.attempts(home) == 0
    assert not offline.is_armed()


def test_that_a_full_disk_does_not_open_the_network(home):
    home.root.joinpath("logs").write_text("a file where the folder should be")
    assert "refused" in run(home, refused("socket.gethostbyname('example.invalid')"))


def test_that_workers_are_told_to_stay_offline(home):
    environment = offline.worker_environment(home)
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["VADEMECUM_HOME"] == str(home.root)
