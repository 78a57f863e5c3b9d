"""The check of a bundle, on a bundle of one script that can be told to misbehave."""

import json
import os
import shutil
import sys

import pytest

from tests.conftest import let_others_look_into
from tests.packaging.loading import packaging_module

check_bundle = packaging_module("check_bundle")
ANSWER = {"answer": "Yes [1].", "citations": [{"marker": 1}]}
REPORT = {
    "guarded": True,
    "attempts": 0,
    "sections": [{"rows": [{"label": "a", "value": "b", "state": "ok"}]}],
}
FULL = {"label": "Disk", "value": "full", "state": "problem"}
PROGRAM = """#!/bin/sh
here=$(dirname "$0")
data=$HOME/.local/share/vademecum; mkdir -p "$data"
{{ id -u; pwd; echo "$here"; cat /proc/net/dev | wc -l; touch "$here/x" && echo written; env; }} >"$data/seen"
{misbehave}
case $1 in
    ask) echo '{answer}' ;;
    doctor) echo '{report}' ;;
    --self-check) echo "All work."; exit {status} ;;
esac
"""


@pytest.fixture
def bundle(tmp_path):
    """Make a bundle that misbehaves in one way, and remember what its program saw."""

    def make(misbehave="", answer=ANSWER, report=REPORT, status=0):
        folder = tmp_path / "dist" / "vademecum"
        folder.mkdir(parents=True)
        keep = f'cp "$data/seen" {tmp_path}/seen 2>/dev/null\n'
        text = PROGRAM.format(
            misbehave=keep + misbehave, answer=json.dumps(answer), report=json.dumps(report), status=status
        )
        (folder / "vademecum").write_text(text, "utf-8")
        for path in (folder.parent, folder, folder / "vademecum"):
            path.chmod(0o755)
        let_others_look_into(tmp_path)
        (tmp_path / "seen").touch()
        (tmp_path / "seen").chmod(0o666)
        return folder

    return make


pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("unshare") is None or not check_bundle._namespaces(),
    reason="namespaces are not allowed here",
)


def test_that_the_program_runs_where_it_is_hardest(bundle, tmp_path, capsys):
    assert check_bundle.main([str(bundle())]) == 0
    user, folder, place, devices, *rest = (tmp_path / "seen").read_text("utf-8").splitlines()
    if os.geteuid() == 0:
        assert user == str(check_bundle.NOBODY)
    assert folder == "/"
    assert place.endswith(f"/{check_bundle.PLACE}/vademecum")
    assert int(devices) <= 3  # two lines of heading, and a loopback that is down
    assert "written" not in rest
    assert not [line for line in rest if line.startswith(("PYTHONPATH=", "VADEMECUM_HOME="))]
    assert "All work." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flaw", "told"),
    [
        ({"status": 1}, "The self-check failed."),
        ({"answer": {"answer": "I think so.", "citations": []}}, "The answer has no citations."),
        ({"report": {**REPORT, "attempts": 2}}, "2 attempts to reach the network."),
        ({"report": {**REPORT, "sections": [{"rows": [FULL]}]}}, "Disk: full"),
        ({"misbehave": 'touch "$HOME/cache"'}, "cache was left behind."),
        ({"misbehave": "echo not json; exit 3"}, "No answer:"),
    ],
)
def test_that_what_is_wrong_is_told(bundle, capsys, flaw, told):
    assert check_bundle.main([str(bundle(**flaw))]) == 1
    assert told in capsys.readouterr().out


def test_that_nothing_of_the_check_is_left(bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(check_bundle.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir(mode=0o755)
    app = bundle()
    check_bundle.main([str(app), "--quick"])
    assert list((tmp_path / "temporary").iterdir()) == []
    assert [path.name for path in app.iterdir()] == ["vademecum"]
