"""Files for fine-tuning, spoilt at random: each is pairs, or reasons why not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from core.errors import DataUnusable
from core.paths import Home
from core.tuning.pairs import Pair
from core.tuning.readers.sources import read_pairs
from core.tuning.recipe import Source
from core.types import Rejected
from tests.fuzz.kit import fuzzed, soon, spoilt

LINE = {
    "question": "Does it rain?",
    "answer": "It does.",
    "evidence": [{"title": "W", "document": "7", "sections": [["", "Wet."]]}],
}
WHOLE = {
    "pubmedqa.json": json.dumps(
        {
            "7": {
                "QUESTION": "Does it rain?",
                "CONTEXTS": ["Wet."],
                "LONG_ANSWER": "It does.",
                "final_decision": "yes",
            }
        }
    ),
    "bioasq.json": json.dumps(
        {
            "questions": [
                {
                    "body": "Does it rain?",
                    "type": "yesno",
                    "exact_answer": "yes",
                    "ideal_answer": ["It does."],
                }
            ]
        }
    ),
    "collected.jsonl": f"{json.dumps(LINE)}\n{json.dumps(LINE)}\n",
    "lines.jsonl": '{"question": "Which?", "options": {"A": "x", "B": "y"}, "answer_idx": "A"}\n' * 2,
    "array.json": json.dumps([{"question": "Does it rain?", "answer": "It does."}] * 2),
    "table.csv": 'Frage;question;answer\n1;Does it rain?;"It ""does""."\n',
}


@pytest.mark.parametrize("name", WHOLE)
def test_that_any_spoilt_training_data_is_pairs_or_a_reason(tmp_path, name):
    @fuzzed(200)
    @given(spoilt(WHOLE[name].encode()))
    def read(content):
        path = tmp_path / name
        path.write_bytes(content)
        with soon():
            try:
                for item in read_pairs(Source(str(path)), Home(tmp_path / "home")):
                    assert isinstance(item, Pair | Rejected)
            except DataUnusable:
                pass
        assert [each.name for each in tmp_path.iterdir()] == [name]

    read()


@pytest.mark.parametrize("name", WHOLE)
def test_that_the_whole_file_is_read(tmp_path, name):
    path = tmp_path / name
    path.write_text(WHOLE[name])
    assert Pair in [type(item) for item in read_pairs(Source(str(path)), Home(tmp_path / "home"))]
