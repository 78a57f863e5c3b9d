"""docs/FORMATS.md shows what the reader of JSON lines takes."""

import re
from pathlib import Path

import msgspec

from core.library.readers import jsonl
from core.types import Document

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "FORMATS.md").read_text("utf-8")


def test_that_the_example_is_read_without_complaint(tmp_path):
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "example.jsonl").write_text(example, "utf-8")
    records = list(jsonl.read(tmp_path / "example.jsonl"))
    assert [type(record) for record in records] == [Document, Document]
    assert records[0].text == "To show the format.\n\nIt was shown."


def test_that_every_key_is_documented_and_no_other():
    (table,) = re.findall(r"\| key \| type.*?\n\n", TEXT, re.DOTALL)
    documented = {
        key for row in table.strip().splitlines()[2:] for key in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    assert documented == {field.encode_name for field in msgspec.structs.fields(jsonl._Line)}


def test_that_the_starter_library_is_read_without_complaint():
    path = ROOT / "resources" / "starter_library" / "cards.jsonl"
    assert all(isinstance(record, Document) for record in jsonl.read(path))
