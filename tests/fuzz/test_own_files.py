"""Our own files, spoilt by a bad disk or by somebody: each is read, passed over, or told in one sentence."""

from __future__ import annotations

import json
import shutil
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given

from core import __version__, history, offline
from core.assets.receipt import read_receipt, write_receipt
from core.bundles.bundles import bundles_of
from core.bundles.parts import list_of
from core.bundles.signing import make_keys, trusted_keys
from core.cancel import CancelToken
from core.errors import AppError, SettingsInvalid
from core.evaluation.runs import SCHEMA, About, Evaluations
from core.library.reports import SavedReport
from core.library.retractions import import_list, read_lists, state_of
from core.library.shelf import Shelf
from core.paths import Home
from core.policy import read_policy
from core.protocol import RunOpened, RunStateChanged, TrainingStep, encode
from core.settings import Settings, read_settings, write_settings
from core.tuning.activation import active, in_use
from core.tuning.collected import Collected, CollectedPairs
from core.tuning.pairs import Evidence
from core.tuning.recipe import Recipe, recipe_toml
from core.tuning.runs import Runs
from core.tuning.switching import Activation, Log, Target, settle
from core.types import FileReport, ImportReport
from core.updates.home_format import FORMATS, Stamp, prepare
from desktop.library.pending import Pending, PendingFile
from tests.desktop.window_fakes import make_answer
from tests.fuzz.kit import JSON, fuzzed, soon, spoilt


def as_json(value):
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def runs(home):
    for run in Runs(home.runs).all():
        run.events(), run.report()
        run.info()


def evaluations(home):
    for one in Evaluations(home.evaluations).all():
        one.items(), one.searched(), one.result()
        one.info()


def library(home):
    shelf = Shelf(home.libraries)
    for name in shelf.names():
        versions = shelf.versions(name)
        assert versions.kept >= 1
        versions.reports.all(), versions.finished()
        shelf.history(name), shelf.before(name)


def conversations(home):
    opened, _ = history.open_history(home.history)
    with closing(opened):
        for one in opened.conversations("rain"):
            opened.turns(one.id)


def activations(home):
    settle(home)
    active(home), in_use(home, "r")


def lists(home):
    read_lists(home.retractions), state_of(home.retractions)
    for path in list(home.retractions.glob("*.txt")):
        import_list(home.root / "imported", path)


KEPT = Collected(
    "i", "good", "Rain?", "Yes [1].", "Yes.", (Evidence("T", "7", (("", "Wet."),)),), "m", "2026"
)
MADE = Activation("r", "language", "m", "before", "2026-01-01T00:00:00")
IMPORT = ImportReport(1, 1, 0, 0, 0, (), 1, 1, 1.0, 0, (FileReport("f", "RIS", 1, 0, 0, 0, 0),))
EVENTS = [RunOpened("r", "n", 9, 0, 1.0), TrainingStep(3, 9, 0.5, loss=1.5), RunStateChanged("training")]
ABOUT = About(SCHEMA, "citations", {"claims": "c"}, "2026-01-01", "0", {"language": "m"}, {}, "notice")
RUN, EVALUATION = "20260101T000000-name-abcd", "20260101T000000-citations-abcd"
RECIPE = recipe_toml(Recipe())
FILES = {
    "collected.jsonl": (msgspec.json.encode(KEPT) + b"\n", lambda home: CollectedPairs(home).all()),
    "activations.json": (
        as_json(Log(models={"r": "m"}, activations=(MADE,), pending=Target("language", "m"))),
        activations,
    ),
    "format.json": (as_json(Stamp(1, __version__, FORMATS)), prepare),
    "import.json": (
        as_json(Pending("l", ("f",))),
        lambda home: PendingFile(home.root / "import.json").read(),
    ),
    "bundles.json": (
        as_json({"version": 1, "entries": [], "used": {}}),
        lambda home: bundles_of(home).installed(),
    ),
    "a.vademecum.parts": (
        as_json({"format": 1, "parts": [{"name": "a.vademecum.001", "size": 1, "sha256": "0" * 64}]}),
        lambda home: list_of(home.root / "a.vademecum.parts"),
    ),
    "retractions/watch.txt": (b"12345\n10.1/x\nPMC77\n", lists),
    "retractions/table.txt": (
        b"RetractionNature,OriginalPaperPubMedID,OriginalPaperDOI\nRetraction,7,10.1/x\n",
        lists,
    ),
    "logs/network.jsonl": (b'{"time": 1}\n', offline.attempts),
    f"runs/{RUN}/recipe.toml": (RECIPE, runs),
    f"runs/{RUN}/events.jsonl": (b"".join(map(encode, EVENTS)), runs),
    f"runs/{RUN}/result.json": (b"{}", runs),
    f"evaluations/{EVALUATION}/run.json": (as_json(ABOUT), evaluations),
    f"evaluations/{EVALUATION}/items.jsonl": (b'{"id": "1", "verdict": "supported"}\n' * 2, evaluations),
    f"evaluations/{EVALUATION}/result.json": (b'{"version": 1}', evaluations),
    f"evaluations/{EVALUATION}/searched.json": (b'{"documents": 3, "rejected": []}', evaluations),
    "libraries/l/active": (b"20260101T000000000000-abcdef\n", library),
    "libraries/l/keep": (b"3\n", library),
    "libraries/l/reports/20260101.json": (as_json(SavedReport("2026", IMPORT)), library),
}


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    for name, content in {
        f"runs/{RUN}/recipe.toml": RECIPE,
        f"evaluations/{EVALUATION}/run.json": as_json(ABOUT),
        "libraries/l/active": b"20260101T000000000000-abcdef\n",
    }.items():
        path = home.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return home


def is_read_or_told(home, name, content, read):
    path = home.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    outside = sorted(home.root.parent.iterdir())
    with soon(), suppress(AppError):
        read(home)
    assert sorted(home.root.parent.iterdir()) == outside


@pytest.mark.parametrize("name", FILES)
def test_that_any_spoilt_file_of_the_data_folder_is_read_or_told(home, name):
    content, read = FILES[name]

    @fuzzed(60)
    @given(spoilt(content) | JSON.map(lambda body: json.dumps(body).encode()))
    def check(spoilt_content):
        is_read_or_told(home, name, spoilt_content, read)

    check()


def test_that_any_spoilt_settings_are_read_or_told(tmp_path):
    path = tmp_path / "settings.toml"
    write_settings(path, Settings())
    whole = path.read_bytes()

    @fuzzed(150)
    @given(spoilt(whole))
    def check(content):
        path.write_bytes(content)
        with suppress(SettingsInvalid):
            assert isinstance(read_settings(path), Settings)

    check()


POLICY = b"""imports = false
content = ["/srv/vademecum"]
keys = ["/etc/keys"]
[settings]
libraries = ["hospital"]
[settings.model]
language = "big"
"""


@fuzzed(300)
@given(content=spoilt(POLICY))
def test_that_any_policy_is_read_or_stops_the_program(tmp_path, content):
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    try:
        policy = read_policy([path])
    except SettingsInvalid as error:
        if "policy.toml" in str(error) and error.hint:
            return
        raise
    assert policy.file == str(path)
    assert all(Path(each).is_absolute() for each in (*policy.content, *policy.keys))


def test_that_any_spoilt_history_is_opened_or_set_aside(tmp_path):
    home, whole = Home(tmp_path / "home"), Home(tmp_path / "whole")
    opened, _ = history.open_history(whole.history)
    with closing(opened):
        one = opened.start("Does it rain?")
        turn = opened.add_turn(one.id, "Does it rain?")
        answer = make_answer("Does it rain?", "It does.")
        opened.finish(replace(turn, text=answer.answer, answer=answer, state="done"))
    content = whole.history.read_bytes()

    @fuzzed(60)
    @given(spoilt(content))
    def check(spoilt_content):
        shutil.rmtree(home.root, ignore_errors=True)
        is_read_or_told(home, "history.sqlite", spoilt_content, conversations)

    check()


def test_that_any_spoilt_key_is_trusted_as_another_or_left_out(tmp_path):
    make_keys(tmp_path / "a.pem", tmp_path / "a.pub")
    whole = (tmp_path / "a.pub").read_bytes()

    @fuzzed(100)
    @given(spoilt(whole))
    def check(content):
        (tmp_path / "a.pub").write_bytes(content)
        assert len(trusted_keys([tmp_path])) <= 1

    check()


def test_that_any_spoilt_receipt_is_read_or_passed_over(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    write_receipt(tmp_path, "m", "0" * 64, CancelToken())
    whole = (tmp_path / "asset.json").read_bytes()

    @fuzzed(100)
    @given(spoilt(whole))
    def check(content):
        (tmp_path / "asset.json").write_bytes(content)
        read_receipt(tmp_path)

    check()
