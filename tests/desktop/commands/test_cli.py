"""The command line as scripts use it: real processes, one JSON object on stdout, exit status 0, 1 or 2."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from core import offline
from tests.fakes.tiny_home import QUESTION, make_tiny_home, write_records

HIT = {"rank", "document", "quote", "start", "end", "scores", "page"}
ANSWER = {
    "version", "question", "answer", "refused", "reason", "sentences", "citations", "model", "libraries",
    "settings_hash", "seed", "timings", "tokens",
}  # fmt: skip
CITATION = {"marker", "document", "chunk_id", "quote", "start", "end", "score"}
DOCUMENT = {"id", "pmid", "doi", "title", "journal", "year", "publication_types"}


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder):
    return make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder)


@pytest.fixture
def vademecum(home):
    """Run the command; return the finished process."""

    def run(*arguments, data=home, stdin="", prefix=(), **variables):
        environment = {**os.environ, "VADEMECUM_HOME": str(data.root), **variables}
        return subprocess.run(
            [*prefix, sys.executable, "-m", "desktop.cli", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def answered(vademecum):
    """Run a command that must succeed; return its JSON object."""

    def run(*arguments, **options):
        done = vademecum(*arguments, "--json", **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_that_ask_prints_the_documented_object_with_verbatim_quotes_the_same_for_each_seed(answered):
    answer = answered("ask", QUESTION, "--seed", 5, "--max-new-tokens", 30)
    assert answer.keys() >= ANSWER
    assert [library["name"] for library in answer["libraries"]] == ["starter"]
    assert answer["seed"] == 5
    assert answer["tokens"]["generated"] <= 31
    markers = {citation["marker"] for citation in answer["citations"]}
    for citation in answer["citations"]:
        assert citation.keys() >= CITATION
        assert citation["document"].keys() >= DOCUMENT
        shown = answered("library", "show", "starter", citation["document"]["id"])
        assert shown["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert all(set(sentence["citations"]) <= markers for sentence in answer["sentences"])
    again = answered("ask", QUESTION, "--seed", 5, "--max-new-tokens", 30)
    assert (again["answer"], again["settings_hash"]) == (answer["answer"], answer["settings_hash"])


def test_that_ask_without_retrieval_names_no_library(answered):
    options = ("--max-new-tokens", 10, "--temperature", 0, "--answers", 2)
    answer = answered("ask", QUESTION, "--no-retrieval", *options)
    assert answer["libraries"] == []
    assert answer["alternatives"] == [answer["answer"]]  # no chance at temperature 0
    assert answer["citations"] == []


def test_that_a_refusal_is_no_failure(vademecum):
    done = vademecum("ask", "xylophone quartet tuning")
    assert done.returncode == 0
    assert "is close enough to this question" in done.stdout


def test_that_people_get_text_with_sources_and_the_notice(vademecum):
    done = vademecum("ask", QUESTION, "--seed", 5, "--max-new-tokens", 20)
    assert done.returncode == 0
    assert "AI-generated" in done.stdout
    assert "Loading weights" not in done.stdout + done.stderr


def test_that_a_question_can_come_from_standard_input(answered):
    assert (
        answered("search", "-", "--mode", "lexical", stdin=QUESTION)["hits"][0]["document"]["pmid"] == "101"
    )


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_that_search_prints_exact_ranked_hits_in_every_mode(answered, mode):
    result = answered("search", QUESTION, "-k", 2, "--mode", mode)
    assert [hit["rank"] for hit in result["hits"]] == list(range(1, len(result["hits"]) + 1))
    assert result["searched"] == 3
    for hit in result["hits"]:
        assert hit.keys() == HIT
        assert hit["scores"].keys() == {"dense", "lexical", "fused", "rerank"}
        text = answered("library", "show", "starter", hit["document"]["id"])["text"]
        assert text[hit["start"] : hit["end"]] == hit["quote"]


def test_that_a_library_is_made_listed_shown_verified_and_removed(answered, vademecum, tmp_path):
    source = write_records(tmp_path / "records.jsonl")
    report = answered("library", "add", "mine", source)
    assert (report["added"], report["updated"], report["duplicates"], report["failed"]) == (3, 0, 0, 0)
    assert (report["documents"], report["chunks"], report["report"]) == (3, 3, [])
    assert answered("library", "add", "mine", source)["duplicates"] == 3
    assert "mine" in {library["name"] for library in answered("library", "list")["libraries"]}
    assert answered("library", "show", "mine", "101")["title"] == "Vitamin C after wrist fracture"
    assert vademecum("library", "revert", "mine", "--json").returncode == 1  # there is no version before
    more = write_records(tmp_path / "more.jsonl", [{"title": "Bread", "abstract": "Bread rises."}])
    assert answered("library", "add", "mine", more)["documents"] == 4
    assert answered("library", "revert", "mine")["library"]["documents"] == 3
    assert answered("library", "verify", "mine")["ok"]
    assert vademecum("library", "remove", "mine", "--json").returncode == 1
    assert answered("library", "remove", "mine", "--yes")["removed"] == "mine"
    assert vademecum("library", "show", "mine", "101").returncode == 1


def test_that_bad_records_are_reported_with_their_reason(answered, tmp_path):
    good = write_records(tmp_path / "good.jsonl")
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"title": "One", "abstract": "Fine."}\n{"year": 1999}\nnot json\n')
    report = answered("library", "add", "half", good, bad, tmp_path / "missing.xml")
    assert report["added"] == 4
    assert report["failed"] == 3
    assert {(entry["record"]) for entry in report["report"]} == {0, 2, 3}
    assert all(entry["reason"] for entry in report["report"])


FAILURES = {
    "a library that does not exist": ("ask", QUESTION, "--library", "nowhere"),
    "a document that does not exist": ("library", "show", "starter", "999"),
    "a file that does not exist": ("library", "add", "mine", "/no/such/file.xml"),
    "no question": ("ask", "?!"),
    "a model that does not exist": ("ask", QUESTION, "--model", "/no/such/model"),
    "a name that leaves the folder": ("library", "add", "../up", "/no/such/file"),
}


@pytest.mark.parametrize("arguments", FAILURES.values(), ids=FAILURES)
def test_that_an_expected_failure_is_explained_on_stderr_with_status_1(vademecum, arguments):
    done = vademecum(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("vademecum: ")
    assert len(done.stderr.strip().splitlines()) >= 2, "a message and a next step"
    assert "Traceback" not in done.stderr


def test_that_a_question_of_100_000_characters_is_refused(vademecum):
    done = vademecum("ask", "-", stdin="why " * 25_000)
    assert done.returncode == 1
    assert "too long" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("ask", "Q", "--temperature", "9"),
        ("ask", "Q", "--mode", "magic"),
        ("search", "Q", "-k", "0"),
        ("library", "add", "mine"),
        ("nonsense",),
    ],
)
def test_that_wrong_usage_has_status_2(vademecum, arguments):
    assert vademecum(*arguments).returncode == 2


@pytest.mark.parametrize(
    "damage", ["manifest.json", "documents.sqlite", "dense/vectors.bin", "lexical/meta.json"]
)
def test_that_a_damaged_library_is_explained_and_found_by_verify(vademecum, home, tmp_path, damage):
    copy = type(home)(tmp_path / "copy")
    shutil.copytree(home.root, copy.root)
    (version,) = (copy.libraries / "starter" / "versions").iterdir()
    whole = (version / damage).read_bytes()
    (version / damage).write_bytes(whole[: len(whole) // 2])
    for arguments in (("ask", QUESTION), ("library", "verify", "starter")):
        done = vademecum(*arguments, data=copy)
        assert done.returncode == 1, arguments
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) >= 2


def test_that_doctor_reports_everything_and_a_count_of_zero(answered):
    report = answered("doctor")
    titles = [section["title"] for section in report["sections"]]
    assert titles == ["This computer", "Models", "Libraries", "Processes", "Offline"]
    assert report["guarded"] is True
    assert report["attempts"] == 0


def test_that_doctor_counts_refused_connections(home, answered, tmp_path):
    copy = type(home)(tmp_path / "copy")
    copy.logs.mkdir(parents=True)
    copy.network_log.write_text('{"target": "192.0.2.1"}\n')
    report = answered("doctor", data=copy)
    assert report["attempts"] == 1
    assert report["ok"] is False  # nothing is installed in this copy


def test_that_without_a_display_one_line_names_the_command_to_ask_with(vademecum):
    done = vademecum(DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "vademecum ask" in done.stderr


def _can_unshare():
    unshare = shutil.which("unshare")
    return (
        bool(unshare)
        and subprocess.run([unshare, "-n", "true"], check=False, capture_output=True).returncode == 0
    )


@pytest.mark.skipif(not _can_unshare(), reason="unshare -n is not allowed here")
def test_that_asking_works_where_there_is_no_network_at_all(answered, home):
    answer = answered("ask", QUESTION, "--max-new-tokens", 10, prefix=("unshare", "-n"))
    assert answer["refused"] is False
    assert offline.attempts(home) == 0


def test_that_the_command_needs_no_torch_until_it_must():
    code = "import sys, desktop.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"torch", "transformers", "hnswlib", "tantivy", "PySide6"} & set(loaded.split())
