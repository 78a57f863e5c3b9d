"""Rates and the time that is left, from what the worker tells."""

from desktop.library.import_progress import ImportProgress, Rate


def test_that_a_rate_is_that_of_the_last_seconds():
    rate = Rate()
    assert rate.a_second() is None
    for second in range(61):
        rate.take(100 * second if second <= 30 else 3000 + 10 * (second - 30), float(second))
    assert rate.a_second() == 10.0


def test_that_a_rate_of_nothing_is_not_told():
    rate = Rate()
    for second in range(5):
        rate.take(7, float(second))
    assert rate.a_second() is None


def test_that_records_passages_rates_and_the_time_left_are_told():
    progress = ImportProgress()
    progress.take("read", 0, 1000, "bytes", 0.0)
    progress.take("records", 500, None, "records", 1.0)
    progress.take("embed", 900, None, "passages", 1.0)
    progress.take("read", 250, 1000, "bytes", 10.0)
    progress.take("records", 14_900, None, "records", 13.0)
    progress.take("embed", 25_000, None, "passages", 13.0)
    assert progress.doing() == "reading and embedding"
    assert progress.bar == (250, 1000)
    assert list(progress.counts()) == [
        "14,900 records (1,200 a second)",
        "25,000 passages embedded (2,008 a second)",
        "about 30 s left",
    ]


def test_that_nothing_is_foreseen_while_no_file_is_done():
    progress = ImportProgress()
    progress.take("read", 0, 1000, "bytes", 0.0)
    progress.take("records", 2000, None, "records", 60.0)
    assert progress.bar == (0, 0)
    assert list(progress.counts()) == ["2,000 records"]


def test_that_a_later_step_is_told_without_the_counts_of_the_one_before():
    progress = ImportProgress()
    progress.take("records", 2000, None, "records", 1.0)
    progress.take("index words", 0, 5000, "passages", 2.0)
    assert progress.doing() == "indexing the words"
    assert list(progress.counts()) == []


def test_that_the_time_left_of_an_import_that_goes_on_is_not_that_of_what_was_done_before():
    progress = ImportProgress()
    for second in range(11):
        progress.take("read", 900 + 2 * second, 1000, "bytes", float(second))
    assert progress.bar == (920, 1000)
    assert list(progress.counts()) == ["about 40 s left"]
