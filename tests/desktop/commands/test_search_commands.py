"""Filters, exact queries, counting, retractions and reindexing on the command line, as real processes."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from core.settings import read_settings, write_settings
from tests.fakes.tiny_home import make_tiny_home
from tests.fakes.tiny_models import make_tiny_embedder


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder):
    return make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder)


def vademecum(home, *arguments):
    environment = {**os.environ, "VADEMECUM_HOME": str(home.root)}
    return subprocess.run(
        [sys.executable, "-m", "desktop.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )


def answered(home, *arguments):
    done = vademecum(home, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def pmids(result):
    return [hit["document"]["pmid"] for hit in result["hits"]]


def test_that_a_search_can_be_narrowed_and_paged(home):
    assert pmids(answered(home, "search", "children", "--year", "2010-")) == ["102"]
    assert pmids(answered(home, "search", "patients", "--min-grade", "randomised trial")) == ["101"]
    whole = pmids(answered(home, "search", "patients"))
    assert pmids(answered(home, "search", "patients", "--offset", 1)) == whole[1:]
    assert pmids(answered(home, "search", "patients", "--journal", "No such journal")) == []


def test_that_an_exact_query_says_how_many_match_and_how_it_was_understood(home):
    found = answered(home, "search", "journal:trials year:2007 NOT atropine")
    assert (found["matched"], pmids(found)) == (1, ["101"])
    assert found["understood"] == "journal:trials AND year:2007 AND NOT atropine"


def test_that_years_that_are_none_are_explained(home):
    done = vademecum(home, "search", "patients", "--year", "soon")
    assert done.returncode == 1
    assert "no range of years" in done.stderr


def test_that_counting_needs_no_language_model(home):
    (home.models / "tiny-llama").rename(home.models / "away")
    try:
        answer = answered(home, "ask", "How many trials of vitamin C since 2005?")
    finally:
        (home.models / "away").rename(home.models / "tiny-llama")
    assert answer["counted"]["total"] == 1
    assert answer["counted"]["query"] == "type:trial AND vitamin AND C AND year:>=2005"
    assert answer["nearest"][0]["pmid"] == "101"


def test_that_what_is_on_an_imported_list_is_left_out_and_marked(tmp_path, tiny_llama, tiny_embedder):
    home = make_tiny_home(tmp_path / "data", tiny_llama, tiny_embedder)
    listed = tmp_path / "retracted.txt"
    listed.write_text("PMID:101\nPMID:9999\n")
    told = answered(home, "library", "retractions", listed)
    assert (told["listed"], told["libraries"]) == (2, {"starter": 1})
    assert "101" not in pmids(answered(home, "search", "vitamin C"))
    found = answered(home, "search", "vitamin C", "--include-retracted")
    assert (found["hits"][0]["document"]["pmid"], found["hits"][0]["document"]["retracted"]) == ("101", True)
    (kept,) = answered(home, "library", "retractions", "--list")["lists"]
    assert (kept["name"], kept["publications"]) == ("retracted", 2)
    assert "retracted: 2 publications" in vademecum(home, "library", "retractions", "--list").stdout
    assert answered(home, "library", "retractions", "--remove", "retracted")["lists"] == []
    assert "101" in pmids(answered(home, "search", "vitamin C"))
    assert vademecum(home, "library", "retractions", "--remove", "retracted").returncode == 1
    assert vademecum(home, "library", "retractions").returncode == 2


def test_that_another_embedder_is_refused_until_the_library_is_embedded_anew(
    tmp_path, tiny_llama, tiny_embedder
):
    home = make_tiny_home(tmp_path / "data", tiny_llama, tiny_embedder)
    make_tiny_embedder(home.models / "other", dim=32)
    settings = read_settings(home.settings)
    write_settings(home.settings, replace(settings, model=replace(settings.model, embedder="other")))
    refused = vademecum(home, "search", "vitamin C")
    assert refused.returncode == 1
    assert 'vademecum library reindex "starter"' in refused.stderr
    assert vademecum(home, "library", "reindex", "starter").returncode == 0
    assert pmids(answered(home, "search", "vitamin C"))[0] == "101"


def test_that_results_are_written_to_a_file_with_the_query_and_its_filters(home, tmp_path):
    whole = answered(home, "search", "patients OR children", "--export", tmp_path / "found.csv")
    assert whole["complete"]
    with (tmp_path / "found.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == whole["documents"] > 1
    assert {row["query"] for row in rows} == {"patients OR children"}
    one = answered(home, "search", "patients OR children", "-k", 1, "--export", tmp_path / "one.csv")
    assert (one["documents"], one["complete"]) == (1, False)
    done = vademecum(home, "search", "vitamin C", "--year", "2005-", "--export", tmp_path / "found.ris")
    assert done.stdout.startswith("Wrote ")
    assert "filters: years: 2005-\n" in (tmp_path / "found.ris").read_text("utf-8")


def test_that_the_window_is_told_how_many_records_are_written(home, tmp_path):
    done = vademecum(home, "search", "patients OR children", "--export", tmp_path / "a.ris", "--events")
    told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [one["step"] for one in told][:: len(told) - 1] == ["find", "write"]
    written = [one["done"] for one in told if one["step"] == "write"]
    assert written == sorted(written)
    assert written[-1] == told[-1]["total"] > 1


def test_that_a_file_of_no_known_form_is_refused_before_anything_is_searched(home, tmp_path):
    refused = vademecum(home, "search", "patients", "--export", tmp_path / "found.doc")
    assert refused.returncode == 1
    assert ".ris" in refused.stderr
