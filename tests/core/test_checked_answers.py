"""What becomes of an answer once it is checked, in every mode, whatever the model writes."""

import json
from dataclasses import replace

import pytest

from core.assistant import AS_ASKED, NOT_BORNE_OUT, NOTHING_TO_CHECK, Question
from core.cancel import CancelToken
from core.citations.binding import WITHHELD
from core.modes.emergency import CRISIS, NOTICE
from core.modes.plans import MODES
from core.protocol import Answered, Found, Token
from core.runtime import Runtime
from core.settings import settings_hash
from tests.fakes.tiny_home import QUESTION, RECORDS, make_tiny_home, tiny_settings
from tests.fakes.tiny_verifiers import make_tiny_judge

SUPPORTED = "Vitamin C lowered the frequency of regional pain syndrome after wrist fractures [1]."
BARE = "Vitamin C raised the frequency of regional pain syndrome after wrist fractures [1]."
MORE = [
    {
        "pmid": "201",
        "title": "Guideline on wrist fractures",
        "publication_types": ["Practice Guideline"],
        "year": 2015,
        "abstract": "For wrist fractures vitamin C is optional, and so is a splint of cork.",
    },
    {
        "pmid": "202",
        "title": "Vitamin C again",
        "publication_types": ["Randomized Controlled Trial"],
        "year": 2014,
        "abstract": "In 336 adults with wrist fractures, "
        "vitamin C raised the frequency of regional pain syndrome.",
    },
    *RECORDS,
]


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder):
    folder = tmp_path_factory.mktemp("home")
    home = make_tiny_home(folder / "data", tiny_llama, tiny_embedder)
    source = folder / "more.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in MORE), "utf-8")
    Runtime(home, tiny_settings()).add("more", [source], CancelToken(), lambda *step: None)
    return home


class Says:
    """A real engine that has one thing to say."""

    def __init__(self, engine, text):
        self._engine = engine
        self._text = text

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def stream(self, messages, sampling, seed, cancel):
        self.asked = messages
        yield self._text


def settings(**retrieval):
    values = tiny_settings()
    model = replace(values.model, verifier="rules")
    retrieval = {"min_support": 0.5, "passages": 4} | retrieval
    return replace(values, model=model, retrieval=replace(values.retrieval, **retrieval))


def events_of(home, said, text=QUESTION, *, library="more", values=None, **asked):
    runtime = Runtime(home, values or settings())
    retriever = runtime.retriever([library]) if library else None
    assistant = runtime.assistant(lambda: Says(runtime.engine(), said))
    return list(assistant.answer(Question(text, (), 7, **asked), retriever, CancelToken()))


def ask(home, said, text=QUESTION, **asked):
    events = events_of(home, said, text, **asked)
    assert isinstance(events[-1], Answered)
    return events[-1].answer


def test_that_prose_with_support_is_shown_with_its_verdict_and_confidence(home):
    answer = ask(home, SUPPORTED, library="starter")
    assert (answer.evidence_only, answer.reason, answer.unchecked) == (False, "", "")
    assert [sentence.verdict.label for sentence in answer.sentences] == ["supported"]
    assert 0.3 <= answer.confidence <= 1.0


def test_that_prose_that_nothing_bears_out_gives_way_to_quotes(home):
    answer = ask(home, BARE, library="starter")
    assert answer.evidence_only
    assert not answer.refused
    assert answer.reason == NOT_BORNE_OUT
    assert answer.sentences == answer.citations == ()
    assert "raised" not in answer.answer
    assert answer.closest[0].document.pmid == "101"
    assert answer.nearest
    assert answer.confidence == 0.0
    assert answer.tokens.generated > 0


def test_that_without_a_threshold_the_same_prose_is_shown_and_marked(home):
    answer = ask(home, BARE, library="starter", values=settings(min_support=0.0))
    assert not answer.evidence_only
    assert answer.sentences[0].verdict.label == "contradicted" or answer.sentences[0].citations == ()


def test_that_quotes_alone_need_no_language_model(home):
    def none():
        raise AssertionError("the language model was loaded")

    runtime = Runtime(home, settings())
    assistant = runtime.assistant(none)
    asked = Question(QUESTION, (), 7, evidence_only=True)
    *_, found, last = assistant.answer(asked, runtime.retriever(["more"]), CancelToken())
    assert isinstance(found, Found)
    assert last.answer.reason == AS_ASKED
    assert last.answer.evidence_only
    assert last.answer.model == ""
    assert len(last.answer.closest) == len(found.passages)
    answer = list(assistant.answer(asked, None, CancelToken()))[-1].answer
    assert answer.refused
    assert "No library" in answer.reason


@pytest.mark.parametrize("verifier", ["no-such-verifier", "tiny-llama", "broken"])
def test_that_a_verifier_that_does_not_load_leaves_the_answer_readable_and_unchecked(home, verifier):
    (home.models / "broken").mkdir(exist_ok=True)
    values = settings()
    values = replace(values, model=replace(values.model, verifier=verifier))
    said = "Pain syndrome after wrist fractures was rarer with vitamin C [1]."
    answer = ask(home, said, library="starter", values=values)
    assert answer.answer == said
    assert [sentence.verdict for sentence in answer.sentences] == [None]
    assert answer.confidence is None
    assert not answer.evidence_only
    assert verifier in answer.unchecked
    assert answer.unchecked.count(". ") == 0  # one sentence


def test_that_any_folder_under_models_can_verify(home):
    if not (home.models / "judge").is_dir():
        make_tiny_judge(home.models / "judge", ["entailment", "neutral", "contradiction"], "entailment")
    values = settings()
    values = replace(values, model=replace(values.model, verifier="judge"))
    answer = ask(home, "Wrist pain was rarer with vitamin C after fractures [1].", values=values)
    assert answer.sentences[0].verdict.label == "supported"


def test_that_the_verifier_is_loaded_only_when_a_sentence_needs_it(home):
    runtime = Runtime(home, replace(settings(), model=replace(settings().model, verifier="nowhere")))
    assistant = runtime.assistant(lambda: Says(runtime.engine(), SUPPORTED))
    *_, last = assistant.answer(Question(QUESTION, (), 7), runtime.retriever(["starter"]), CancelToken())
    assert last.answer.unchecked == ""  # the words stand in the quote, so no model was asked


def test_that_a_dose_without_support_is_never_shown(home):
    for library in ("starter", None):
        answer = ask(home, f"{SUPPORTED} Take 500 mg of vitamin C daily [1].", library=library)
        assert "500" not in answer.answer
        assert WITHHELD in answer.answer


def test_that_without_a_library_nothing_is_checked_and_nothing_withdrawn(home):
    answer = ask(home, "Vitamin C helps.", library=None)
    assert answer.answer == "Vitamin C helps."
    assert answer.sentences[0].verdict is None
    assert (answer.confidence, answer.evidence_only) == (None, False)


ENDLESS = "Vitamin C lowered the frequency of regional pain syndrome. " * 9


def test_that_a_model_that_repeats_itself_is_read_once_and_said_to_have(home):
    answer = ask(home, ENDLESS, library="starter")
    assert len(answer.sentences) == 1
    assert "repeated itself" in answer.reason


def test_that_a_model_that_never_stops_is_cut_off_and_said_to_be(home):
    answer = ask(home, SUPPORTED + " Vitamin C and then" + " and more of it" * 3, library="starter")
    assert "had not finished" in answer.reason
    assert answer.answer.startswith(SUPPORTED)


@pytest.mark.parametrize("said", ["", "   ", "[1]", "{}", "| |\n|-|", "```\n```", "\u200b", "<think>hm"])
def test_that_a_model_that_writes_no_sentence_leaves_a_reason_and_the_closest_quotes(home, said):
    answer = ask(home, said, library="starter")
    assert answer.reason in (NOTHING_TO_CHECK, "The model wrote nothing.")
    assert all(sentence.verdict is None for sentence in answer.sentences)
    assert answer.closest


@pytest.mark.parametrize(
    "said",
    ['{"answer": "Vitamin C cures all.", "sources": [7]}', "<b>Vitamin C</b> cures [99]", "Ja, sicher."],
)
def test_that_an_answer_in_another_format_is_not_taken_for_a_supported_one(home, said):
    answer = ask(home, said, library="starter")
    assert answer.evidence_only
    assert answer.reason == NOT_BORNE_OUT


def test_that_thoughts_are_not_part_of_the_answer(home):
    assert (
        ask(home, f"<think>Which one?\n\nThe first.</think>\n{SUPPORTED}", library="starter").answer
        == SUPPORTED
    )


def test_that_studies_that_disagree_are_named_on_two_sides(home):
    answer = ask(home, SUPPORTED.replace("[1]", ""))
    sides = {
        tuple(sorted(study.document.pmid for study in side.studies)): side.stance
        for found in answer.disagreements
        for side in found.sides
    }
    assert ("101",) in sides
    assert ("202",) in sides
    (study,) = [
        study
        for found in answer.disagreements
        for side in found.sides
        for study in side.studies
        if study.document.pmid == "202"
    ][:1]
    assert (study.design, study.document.year) == ("randomised trial", 2014)
    assert study.population == "336 adults with wrist fractures"


def test_that_one_study_disagrees_with_nobody(home):
    assert ask(home, SUPPORTED, library="starter").disagreements == ()


def test_that_a_review_lists_every_study_that_is_close_cited_or_not(home):
    answer = ask(home, SUPPORTED, mode="review", values=settings(passages=1))
    assert {study.document.pmid for study in answer.studies} >= {"101", "201", "202"}
    assert len({study.marker for study in answer.studies}) == len(answer.studies)
    assert {study.design for study in answer.studies} >= {"guideline", "randomised trial"}
    assert ask(home, SUPPORTED).studies == ()


def test_that_clinical_answers_read_guidelines_first_but_none_that_is_far(home):
    def read(mode, **retrieval):
        events = events_of(home, SUPPORTED, mode=mode, values=settings(**retrieval))
        (found,) = [event for event in events if isinstance(event, Found)]
        return [passage.document.pmid for passage in found.passages]

    assert read("research", passages=2)[0] != "201"
    assert read("clinical", passages=2)[0] == "201"
    assert "102" not in read("clinical", passages=4, min_similarity=0.35)


def test_that_answers_for_patients_have_a_reading_grade_and_meanings(home):
    answer = ask(home, SUPPORTED, mode="patient", library="starter")
    assert answer.reading_grade > 8
    assert {"complex regional pain syndrome", "fracture"} & {term.word for term in answer.glossary}
    plain = ask(home, SUPPORTED, library="starter")
    assert (plain.reading_grade, plain.glossary) == (None, ())


def test_that_the_prompt_of_the_research_mode_is_the_one_the_model_learned(home):
    runtime = Runtime(home, settings())
    prompts = {}
    for mode, plan in MODES.items():
        engine = Says(runtime.engine(), SUPPORTED)
        question = Question(QUESTION, (), 7, mode=mode)
        list(
            runtime.assistant(lambda e=engine: e).answer(
                question, runtime.retriever(["starter"]), CancelToken()
            )
        )
        prompts[mode] = engine.asked[-1].content
        assert (plan.instruction in prompts[mode]) or not plan.instruction
    assert f"say so. {QUESTION}" in prompts["research"]
    assert len(set(prompts.values())) == len(MODES)


def test_that_the_settings_hash_tells_modes_apart_and_research_stays_as_it_was(home):
    hashes = {mode: ask(home, SUPPORTED, mode=mode).settings_hash for mode in MODES}
    assert len(set(hashes.values())) == len(MODES)
    assert hashes["research"] == settings_hash(settings(), "2")


@pytest.mark.parametrize("mode", MODES)
def test_that_an_emergency_is_told_in_every_mode_and_way_of_answering(home, mode):
    urgent = f"I have crushing chest pain right now. {QUESTION}?"
    assert ask(home, SUPPORTED, urgent, mode=mode).emergency == NOTICE
    assert ask(home, BARE, urgent, mode=mode, library="starter").emergency == NOTICE
    assert (
        ask(home, "", "I want to kill myself", mode=mode, values=settings(min_similarity=1.0)).emergency
        == CRISIS
    )
    assert ask(home, "", urgent, mode=mode, evidence_only=True).emergency == NOTICE
    assert ask(home, SUPPORTED, urgent, mode=mode, library=None).emergency == NOTICE
    assert ask(home, SUPPORTED, mode=mode).emergency == ""


def test_that_a_counted_answer_has_no_prose_to_check(home):
    answer = ask(home, "", "How many randomised trials of vitamin C?")
    assert answer.counted
    assert (answer.confidence, answer.evidence_only, answer.unchecked) == (None, False, "")


def test_that_what_is_streamed_is_replaced_when_it_is_withdrawn(home):
    events = events_of(home, BARE, library="starter")
    assert "raised" in "".join(event.text for event in events if isinstance(event, Token))
    assert "raised" not in events[-1].answer.answer
