"""One question, start to end, on tiny real models and a real library."""

from dataclasses import replace

import pytest

from core.assistant import Assistant, Question
from core.cancel import CancelToken
from core.errors import IndexMismatch, LibraryEmpty, LibraryMissing, ModelUnusable, QuestionRejected
from core.generation.prompts import REFUSAL
from core.library.store import DocumentStore
from core.protocol import Answered, Found, Status, Token
from core.runtime import Runtime
from core.settings import SamplingSettings
from core.types import Turn
from tests.fakes.tiny_home import QUESTION, make_tiny_home, tiny_settings, write_records


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder):
    return make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder)


@pytest.fixture
def runtime(home):
    return Runtime(home, tiny_settings())


class FixedEngine:
    """A real engine that has one thing to say."""

    text = ""

    def __init__(self, engine):
        self._engine = engine

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def stream(self, messages, sampling, seed, cancel):
        yield self.text


def ask(runtime, text=QUESTION, *, library="starter", history=(), seed=7, cancel=None):
    retriever = runtime.retriever([library]) if library else None
    return list(runtime.assistant().answer(Question(text, history, seed), retriever, cancel or CancelToken()))


def answer_of(events):
    assert isinstance(events[-1], Answered)
    return events[-1].answer


def test_that_evidence_comes_before_the_tokens_and_the_answer_last(runtime):
    kinds = [type(event) for event in ask(runtime) if not isinstance(event, Status)]
    assert kinds[0] is Found
    assert kinds[-1] is Answered
    assert set(kinds[1:-1]) == {Token}


def test_that_the_best_passage_is_the_one_that_answers(runtime):
    (found,) = [event for event in ask(runtime) if isinstance(event, Found)]
    assert found.passages[0].document.pmid == "101"


def test_that_equal_seeds_give_equal_answers_and_others_do_not(runtime):
    first, again, other = (answer_of(ask(runtime, seed=seed)) for seed in (7, 7, 8))
    assert first.answer == again.answer
    assert first.answer != other.answer
    assert (first.seed, other.seed) == (7, 8)


def test_that_every_citation_is_verbatim(runtime, home):
    answer = answer_of(ask(runtime))
    folder, _ = runtime.shelf.active_version("starter")
    with DocumentStore.open(folder) as store:
        for citation in answer.citations:
            assert store.document(citation.document.id).text[citation.start : citation.end] == citation.quote


def test_that_a_question_the_library_cannot_answer_is_refused_before_the_model_is_loaded(runtime):
    events = ask(runtime, "xylophone quartet tuning")
    answer = answer_of(events)
    assert answer.refused
    assert "starter" in answer.reason
    assert answer.citations == ()
    assert answer.tokens.generated == 0
    assert not any(isinstance(event, Token | Found) for event in events)
    assert runtime._engine is None


def test_that_a_refusal_names_the_nearest_documents(runtime):
    answer = answer_of(ask(runtime, "sedated children hear xylophone quartet tuning orchestra strings"))
    assert answer.refused
    assert "102" in {document.pmid for document in answer.nearest}


def test_that_a_model_that_finds_no_answer_is_taken_at_its_word(home, runtime):
    class Honest(FixedEngine):
        text = f"{REFUSAL} [1]"

    assistant = Assistant(lambda: Honest(runtime.engine()), runtime.embedder, runtime.settings)
    events = list(assistant.answer(Question(QUESTION, (), 7), runtime.retriever(["starter"]), CancelToken()))
    answer = answer_of(events)
    assert answer.refused
    assert answer.citations == ()
    assert "do not answer" in answer.reason
    assert "101" in {citation.document.pmid for citation in answer.closest}
    assert answer.tokens.generated > 0


def test_that_without_retrieval_the_model_answers_alone_and_says_so(runtime):
    answer = answer_of(ask(runtime, library=None))
    assert answer.libraries == ()
    assert answer.citations == ()
    assert "without any source" in answer.notice


def test_that_stop_leaves_what_was_written(runtime):
    cancel = CancelToken()
    retriever = runtime.retriever(["starter"])
    pieces = []
    for event in runtime.assistant().answer(Question(QUESTION, (), 7), retriever, cancel):
        if isinstance(event, Token):
            pieces.append(event.text)
            if len(pieces) == 3:
                cancel.cancel()
    assert len(pieces) == 3
    assert isinstance(event, Answered)
    assert event.answer.stopped


def test_that_several_answers_are_different_drafts_of_one_question(home):
    values = replace(tiny_settings(), sampling=SamplingSettings(max_new_tokens=20, answers=3))
    answer = answer_of(ask(Runtime(home, values)))
    assert len({answer.answer, *answer.alternatives}) == 3


def test_that_earlier_turns_are_part_of_the_prompt(runtime):
    alone = answer_of(ask(runtime)).tokens.prompt
    with_history = answer_of(ask(runtime, history=(Turn("Earlier?", "Yes."),))).tokens.prompt
    assert with_history > alone


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_that_every_mode_finds_the_evidence(home, mode):
    values = tiny_settings()
    values = replace(values, retrieval=replace(values.retrieval, mode=mode))
    assert answer_of(ask(Runtime(home, values))).refused is False


@pytest.mark.parametrize("question", ["x" * 100_000, "why? " * 20_000])
def test_that_a_question_of_100_000_characters_is_refused_in_words(runtime, question):
    with pytest.raises(QuestionRejected, match="too long"):
        for _ in runtime.assistant().answer(Question(question, (), 1), None, CancelToken()):
            pass


def test_that_a_library_that_does_not_exist_is_named(runtime):
    with pytest.raises(LibraryMissing, match="nowhere"):
        runtime.retriever(["nowhere"])


def test_that_a_library_of_another_embedder_is_refused_with_the_remedy(tmp_path, tiny_llama, tiny_embedder):
    home = make_tiny_home(tmp_path / "data", tiny_llama, tiny_embedder)
    rules = home.models / "tiny-embedder" / "sentence_bert_config.json"
    rules.write_text(rules.read_text() + " ")
    with pytest.raises(IndexMismatch, match="tiny-embedder") as caught:
        Runtime(home, tiny_settings()).retriever(["starter"])
    assert "embedder" in caught.value.hint


def test_that_a_model_that_is_not_there_is_explained(home):
    values = tiny_settings()
    values = replace(values, model=replace(values.model, language="no-such-model"))
    with pytest.raises(ModelUnusable, match="no-such-model"):
        ask(Runtime(home, values))


def test_that_a_new_version_of_the_library_is_used_at_the_next_question(tmp_path, tiny_llama, tiny_embedder):
    home = make_tiny_home(tmp_path / "data", tiny_llama, tiny_embedder)
    runtime = Runtime(home, tiny_settings())
    before = runtime.retriever(["starter"]).refs[0]
    record = {"title": "Sourdough", "abstract": "Sourdough bread rises overnight."}
    more = write_records(tmp_path / "more.jsonl", [record])
    runtime.add("starter", [more], CancelToken(), lambda *progress: None)
    assert runtime.retriever(["starter"]).refs[0] != before
    assert answer_of(ask(runtime, "sourdough bread rises overnight")).refused is False
    runtime.shelf.revert("starter")  # and the older one again
    assert runtime.retriever(["starter"]).refs[0] == before
    assert answer_of(ask(runtime, "sourdough bread rises overnight")).refused is True


@pytest.mark.usefixtures("runtime")
def test_that_an_empty_library_says_what_to_do(tmp_path, tiny_llama, tiny_embedder):
    home = make_tiny_home(tmp_path / "data", tiny_llama, tiny_embedder)
    runtime = Runtime(home, tiny_settings())
    manifest_of = runtime.shelf.active_version

    class EmptyShelf:
        def active_version(self, name):
            folder, manifest = manifest_of(name)
            return folder, replace(manifest, chunks=0, documents=0)

    runtime.shelf = EmptyShelf()
    with pytest.raises(LibraryEmpty) as caught:
        runtime.retriever(["starter"])
    assert "library add" in caught.value.hint
