"""Conversations survive crashes, damage and a second window."""

import sqlite3
from dataclasses import replace

import pytest

import core.history as history_module
from core.errors import StorageFull
from core.history import SCHEMA_VERSION, History, HistoryBusy, open_history
from core.types import Answer, Citation, DocumentRef, LibraryRef, Sentence, Timings, TokenCounts

DOCUMENT = DocumentRef("0" * 16, "1", None, "Aspirin", "Lancet", 2001, ("Review",))
ANSWER = Answer(
    1,
    "Why?",
    "Because [1].",
    False,
    "",
    (Sentence("Because.", 0, 12, (1,)),),
    (Citation(1, 0, DOCUMENT, "c-0", "quote", 3, 8, 0.9, "search"),),
    "model",
    (LibraryRef("starter", "1"),),
    "hash",
    7,
    Timings(0.1, None, 1.0),
    TokenCounts(1, 2),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "history.sqlite"


@pytest.fixture
def history(path):
    opened = History(path)
    yield opened
    opened.close()


def ask(history, question="Why?"):
    return history.add_turn(history.start(question).id, question)


def test_that_a_turn_comes_back_with_its_whole_answer(history, path):
    turn = replace(ask(history), state="done", text=ANSWER.answer, answer=ANSWER)
    history.finish(turn)
    assert history.turns(turn.conversation) == [turn]
    other = History(path)
    assert other.turns(turn.conversation) == [turn]
    other.close()


def test_that_answers_of_the_first_format_keep_the_library_they_are_from(history, path):
    turn = replace(ask(history), state="done", text=ANSWER.answer, answer=ANSWER)
    history.finish(turn)
    with sqlite3.connect(path) as first:
        first.execute(
            "UPDATE turn SET answer = json_remove(json_set(answer, '$.library',"
            " json_extract(answer, '$.libraries[0]')), '$.libraries')"
        )
        first.execute("PRAGMA user_version = 1")
    first.close()
    other = History(path)
    assert other.turns(turn.conversation) == [turn]
    other.close()


def test_that_words_are_kept_while_they_stream(history, path):
    turn = ask(history)
    history.save_text(turn.id, "Beca")
    other = History(path)  # as the next start after a crash
    assert [(t.text, t.state, t.answer) for t in other.turns(turn.conversation)] == [
        ("Beca", "streaming", None)
    ]
    other.close()


def test_that_the_newest_conversation_stands_first(history):
    first, second = ask(history, "first"), ask(history, "second")
    assert [c.title for c in history.conversations()] == ["second", "first"]
    history.add_turn(first.conversation, "more")
    assert [c.id for c in history.conversations()] == [first.conversation, second.conversation]


@pytest.mark.parametrize(
    ("words", "found"),
    [("aspirin", 1), ("ASPIRIN stroke", 1), ("aspirin heart", 0), ("100%", 1), ("50%", 0), ("_", 0), ("", 2)],
)
def test_that_conversations_are_found_by_words_of_title_question_or_answer(history, words, found):
    turn = ask(history, "Does aspirin help?")
    history.finish(replace(turn, text="It prevents stroke in 100% of mice.", state="done"))
    ask(history, "Other")
    assert len(history.conversations(words)) == found


def test_that_a_title_is_the_first_question_on_one_line_until_it_is_renamed(history):
    conversation = history.start("Why\n does  it " + "x" * 500)
    assert conversation.title.startswith("Why does it x")
    assert len(conversation.title) <= 80
    history.rename(conversation.id, "New")
    assert [c.title for c in history.conversations()] == ["New"]


def test_that_a_deletion_can_be_undone(history):
    turn = ask(history)
    history.delete(turn.conversation)
    assert history.conversations() == []
    history.restore(turn.conversation)
    assert [c.id for c in history.conversations()] == [turn.conversation]
    assert history.turns(turn.conversation) == [turn]


def test_that_what_was_deleted_is_really_gone_at_the_next_start(history, path, monkeypatch):
    turn = ask(history, "a very private question")
    history.delete(turn.conversation)
    history.close()
    monkeypatch.setattr(history_module, "UNDO_S", -1.0)
    History(path).close()
    assert b"a very private question" not in path.read_bytes()


def test_that_a_damaged_file_is_set_aside_with_a_message_and_nothing_is_lost(path):
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    history, message = open_history(path)
    ask(history)
    history.close()
    (kept,) = path.parent.glob("history.damaged-*.sqlite")
    assert kept.read_bytes() == b"this is no database" * 100
    assert kept.name in message


def test_that_a_history_of_a_newer_version_is_set_aside(path):
    History(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    history, message = open_history(path)
    history.close()
    assert "newer" in message


def test_that_a_good_history_opens_without_a_message(path):
    first, _ = open_history(path)
    turn = ask(first)
    first.close()
    history, message = open_history(path)
    assert message == ""
    assert history.turns(turn.conversation) == [turn]
    history.close()


def test_that_an_empty_file_is_brought_to_the_present_version(path):
    path.parent.mkdir()
    path.touch()  # version 0: before the first step
    History(path).close()
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    db.close()


def test_that_an_old_version_gets_only_the_steps_it_lacks(path, monkeypatch):
    history = History(path)
    turn = ask(history)
    history.close()
    steps = (*history_module._MIGRATIONS, lambda db: db.execute("ALTER TABLE turn ADD COLUMN stars INTEGER"))
    monkeypatch.setattr(history_module, "_MIGRATIONS", steps)
    monkeypatch.setattr(history_module, "SCHEMA_VERSION", len(steps))
    history = History(path)
    assert history.turns(turn.conversation) == [turn]
    history.close()
    db = sqlite3.connect(path)
    assert db.execute("SELECT stars FROM turn").fetchall() == [(None,)]
    db.close()


def test_that_two_windows_write_at_once(history, path):
    other = History(path)
    for n in range(20):
        ask(history, f"left {n}")
        ask(other, f"right {n}")
    assert len(history.conversations()) == 40
    other.close()


def test_that_a_busy_file_is_named_as_such_and_not_taken_for_damage(history, path):
    other = History(path, busy_timeout_s=0.05)
    history._db.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryBusy):
        ask(other)
    history._db.execute("ROLLBACK")
    ask(other)
    other.close()


def test_that_a_full_disk_is_explained_and_what_was_saved_stays(history):
    turn = ask(history)
    pages = history._db.execute("PRAGMA page_count").fetchone()[0]
    history._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull) as failure:
        history.save_text(turn.id, "x" * 1_000_000)
    assert "disk" in failure.value.hint
    assert history.turns(turn.conversation) == [turn]


def test_that_an_answer_of_another_schema_still_shows_its_words(history):
    turn = replace(ask(history), state="done", text="Because.")
    history.finish(turn)
    history._db.execute("UPDATE turn SET answer = '{\"version\": 99}'")
    assert history.turns(turn.conversation) == [turn]


def test_that_damage_that_sqlite_cannot_put_into_words_is_set_aside_too(history, path):
    ask(history)
    history.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    content = path.read_bytes()
    spoilt = content.replace(b"tableconversation", b"table\xff\xffnversation").replace(
        b"CREATE TABLE", b"CREATE TUBLE"
    )
    assert spoilt != content
    path.write_bytes(spoilt)
    with pytest.raises(UnicodeDecodeError), sqlite3.connect(path) as connection:
        connection.execute("SELECT * FROM conversation")
    connection.close()
    again, message = open_history(path)
    again.close()
    assert "damaged" in message
