"""Tasks in BEIR's layout, good and bad."""

import pytest

from core.errors import InputUnreadable
from core.evaluation.beir import read_queries

QUERIES = (
    '{"_id": "1", "text": "first"}\n{"_id": 2, "text": "second"}\n{"_id": "3", "text": "never judged"}\n'
)


@pytest.fixture
def files(tmp_path):
    def written(queries, qrels):
        paths = tmp_path / "queries.jsonl", tmp_path / "qrels.tsv"
        for path, text in zip(paths, (queries, qrels), strict=True):
            path.write_text(text, "utf-8")
        return paths

    return written


def test_that_queries_come_with_their_right_documents(files):
    qrels = "query-id\tcorpus-id\tscore\n1\ta\t1\n1\tb\t2\n1\tc\t0\n2\td\t1\n"
    queries, rejected = read_queries(*files(QUERIES, qrels))
    assert [(one.id, one.text, one.right) for one in queries] == [
        ("1", "first", {"a", "b"}),
        ("2", "second", {"d"}),
    ]
    assert rejected == []


def test_that_the_four_columns_of_trec_are_read_too(files):
    queries, _ = read_queries(*files(QUERIES, "1 0 a 1\n2 Q0 d 1\n"))
    assert [one.right for one in queries] == [{"a"}, {"d"}]


def test_that_bad_lines_are_named_and_the_others_count(files):
    queries = QUERIES + '{"_id": "4"}\nno json\n'
    found, rejected = read_queries(*files(queries, "1\ta\t1\nonly two\n9\ta\t1\n"))
    assert [one.id for one in found] == ["1"]
    assert [one.record for one in rejected] == [2, 4, 5, 0]
    assert [one.reason for one in rejected[:2]] == [
        "it is not query, document and relevance",
        "the line: text is missing",
    ]
    assert rejected[2].reason.startswith("the line is not valid JSON")
    assert rejected[3].reason == "there is no query 9, which is judged"


@pytest.mark.parametrize(("queries", "qrels"), [("", "1\ta\t1\n"), (QUERIES, ""), (QUERIES, "9\ta\t1\n")])
def test_that_files_without_a_judged_query_are_refused_in_a_sentence(files, queries, qrels):
    with pytest.raises(
        InputUnreadable, match=r"No query of queries.jsonl has a judgement in qrels.tsv"
    ) as said:
        read_queries(*files(queries, qrels))
    assert said.value.hint


def test_that_a_missing_file_is_named(files, tmp_path):
    queries, _ = files(QUERIES, "")
    with pytest.raises(InputUnreadable, match=r"gone.tsv does not exist"):
        read_queries(queries, tmp_path / "gone.tsv")
