"""The window opens once, in a process of its own, and what was seen is written to a file."""

import json
import os
import subprocess

from core.programs import program


def test_that_every_page_is_painted_and_nothing_is_complained_about(tmp_path):
    said = tmp_path / "said.json"
    environment = {**os.environ, "LC_ALL": "C", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([*program("trial"), str(said)], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    seen = json.loads(said.read_bytes())
    assert seen["pages"][:2] == ["AskPage", "LibraryPage"]
    assert min(seen["colours"]) >= 3
    assert seen["warnings"] == []
    assert seen["torch"] is False
    assert 0 < seen["painted"] < 60
