"""Libraries on the command line: versions, deletion, following a folder, and travelling as one file."""

import json

import pytest

from tests.desktop.commands.test_cli import answered, home, vademecum  # noqa: F401

RECORDS = [
    {"pmid": str(n), "title": f"A record about subject {n}", "abstract": f"Fact {n} was seen."}
    for n in range(1, 5)
]


@pytest.fixture
def lines(tmp_path):
    def write(name, *records):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("".join(json.dumps(record) + "\n" for record in records))
        return tmp_path / name

    return write


def test_that_a_library_lives_travels_and_goes_back(answered, vademecum, lines, tmp_path):  # noqa: F811
    table = tmp_path / "report.csv"
    first = lines("first.jsonl", *RECORDS, {"title": 5})
    report = answered("library", "add", "mine", first, "--collection", "review", "--report", table)
    assert (report["added"], report["failed"]) == (4, 1)
    assert [line.split(",")[1] for line in table.read_text("utf-8-sig").splitlines()] == ["record", "", "5"]
    assert answered("library", "show", "mine", "1")["collections"] == ["review"]
    assert answered("library", "reports", "mine")["reports"][0]["report"] == report

    assert answered("library", "delete", "mine", "1", "2")["deleted"] == 2
    assert vademecum("library", "delete", "mine", "1").returncode == 1
    listed = answered("library", "versions", "mine", "--keep", "5")
    assert [(each["documents"], each["change"]["kind"]) for each in listed["versions"]] == [
        (2, "delete"),
        (4, "import"),
    ]
    assert (
        answered("library", "rollback", "mine", listed["versions"][1]["version"])["library"]["documents"] == 4
    )
    assert answered("library", "compact", "mine")["library"]["documents"] == 4
    assert answered("library", "verify", "mine")["ok"]

    bundle = tmp_path / "mine.vademecum"
    assert answered("library", "export", "mine", bundle)["bytes"] == bundle.stat().st_size
    assert vademecum("library", "import", bundle).returncode == 1  # there is one of that name
    assert answered("library", "import", bundle, "--name", "copy")["library"]["documents"] == 4
    text = vademecum("library", "versions", "copy").stdout
    assert text.startswith("* ")
    assert "4 documents" in text


def test_that_a_folder_is_followed_once(answered, lines, tmp_path):  # noqa: F811
    import os

    path = lines("watched/a.jsonl", *RECORDS)
    os.utime(path, (1, 1))
    assert answered("library", "watch", "followed", tmp_path / "watched", "--once")["added"] == 4
    assert answered("library", "watch", "followed", tmp_path / "watched", "--once") == {
        "version": 1,
        "changed": False,
    }


def test_that_a_column_that_is_not_named_is_wrong(vademecum, lines):  # noqa: F811
    done = vademecum("library", "add", "mine", lines("a.jsonl", *RECORDS), "--column", "title")
    assert done.returncode == 1
    assert "--column FIELD=COLUMN" in done.stderr
