"""Every import is carried out, those inside functions as well, and what fails is named."""

import subprocess
import sys

import msgspec

from core.programs import program
from core.self_check.imports import Tried, imported_by, try_all

MODULE = """
import json.decoder
from pathlib import Path as Place
from collections import abc, OrderedDict as Ordered

def later():
    import nowhere_to_be_found
    class Inside:
        def even_later(self):
            from json import no_such_name, loads
    return lambda: __import__("not a statement")

def elsewhere():
    import winreg, unsloth.models
"""


def package(tmp_path, monkeypatch, name, **modules):
    folder = tmp_path / name
    folder.mkdir()
    for module, text in {"__init__": "", **modules}.items():
        (folder / f"{module}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_that_imports_are_found_wherever_they_stand(tmp_path, monkeypatch):
    name = package(tmp_path, monkeypatch, "imports_everywhere", part=MODULE)
    assert imported_by(f"{name}.part") == {
        "json.decoder",
        "pathlib.Path",
        "collections.abc",
        "collections.OrderedDict",
        "nowhere_to_be_found",
        "json.no_such_name",
        "json.loads",
        "winreg",
        "unsloth.models",
    }


def test_that_what_is_missing_is_named_and_what_other_systems_have_is_not(tmp_path, monkeypatch):
    name = package(tmp_path, monkeypatch, "imports_missing", part=MODULE)
    tried = try_all([name])
    assert (tried.modules, tried.imports) == (2, 9)
    assert set(tried.failures) == {"nowhere_to_be_found", "json.no_such_name"}
    assert "nowhere_to_be_found" in tried.failures["nowhere_to_be_found"]


def test_that_a_module_that_cannot_be_loaded_does_not_hide_the_others(tmp_path, monkeypatch):
    parts = {"bad": "raise OSError('no such library')", "good": "import missing_thing"}
    tried = try_all([package(tmp_path, monkeypatch, "imports_broken", **parts)])
    assert tried.failures["imports_broken.bad"] == "OSError: no such library"
    assert "missing_thing" in tried.failures["imports_broken.good"]


def test_that_the_process_reports_on_standard_output_alone(monkeypatch):
    code = (
        "import sys, core.self_check.imports as imports; imports.PACKAGES = ('core.self_check',); "
        "print('noise'); sys.exit(imports.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    tried = msgspec.json.decode(done.stdout.splitlines()[-1], type=Tried)
    assert tried.modules >= 4
    assert tried.failures == {}
    assert program("imports")[-1] == "core.self_check.imports"
