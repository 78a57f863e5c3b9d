"""The examination of a computer: what is missing is a problem with a remedy, and nothing is guessed."""

import shutil
import sys

import pytest

from core.doctor import _models, examine, inspect_worker
from core.hardware import survey
from core.paths import Home
from core.policy import Policy
from tests.fakes.tiny_home import make_tiny_home


def rows_of(report):
    return {row.label: row for section in report.sections for row in section.rows}


@pytest.fixture(scope="module")
def report(tmp_path_factory, tiny_llama, tiny_embedder):
    return examine(make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder))


def test_that_models_libraries_and_the_place_of_answers_are_told(report):
    rows = rows_of(report)
    assert rows["tiny-llama"].value == "language, your own"
    assert rows["starter"].value.startswith("3 documents, 3 passages")
    assert "tiny-llama on the CPU" in rows["Answers"].value or "on the CUDA" in rows["Answers"].value


def test_that_a_model_of_a_shared_folder_is_not_called_ones_own(tmp_path, tiny_llama):
    share = tmp_path / "share"
    shutil.copytree(tiny_llama, share / "models" / "ward")
    home = Home(tmp_path / "home", Policy(content=(str(share),)))
    row = next(row for row in _models(home, survey(tmp_path)).rows if row.label == "ward")
    assert row.value == f"language, in {share / 'models'}, which is only read"


def test_that_missing_default_models_are_a_problem_with_a_remedy(report):
    row = rows_of(report)["all-minilm-l6-v2"]
    assert (row.state, row.value) == ("problem", "missing")
    assert "vademecum assets install" in row.hint
    assert report.ok is False


def test_that_the_remedy_of_an_installed_program_needs_no_network(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    rows = _models(Home(tmp_path / "home"), survey(tmp_path)).rows
    hint = next(row.hint for row in rows if row.label == "all-minilm-l6-v2")
    assert hint == "Install Vademecum again: the default models come with it."


def test_that_both_workers_answer_and_are_guarded(report):
    assert report.guarded
    assert "torch" in rows_of(report)["assistant"].value
    assert "trl" in rows_of(report)["training"].value


def test_that_an_empty_home_is_described_without_being_made(tmp_path):
    home = Home(tmp_path / "none")
    rows = rows_of(examine(home))
    assert rows["Libraries"].state == "warning"
    assert "setup" in rows["Libraries"].hint
    assert not home.root.exists()


def test_that_a_worker_that_does_not_start_is_a_finding_and_no_crash(tmp_path, monkeypatch):
    monkeypatch.setattr("core.doctor.program", lambda name: ["/no/such/program"])
    assert inspect_worker("assistant", Home(tmp_path)) == ("assistant", None)
    monkeypatch.setattr("core.doctor.program", lambda name: [sys.executable, "-c", ""])
    assert inspect_worker("assistant", Home(tmp_path)) == ("assistant", None)
