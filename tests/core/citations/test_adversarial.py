"""What a document says to the program changes neither what the model reads, nor a citation, nor a verdict."""

import json
import re

import pytest

from core.cancel import CancelToken
from core.citations.binding import Binder
from core.citations.support import RuledVerifier, SimilarityVerifier
from core.generation.packing import Packer
from core.paths import resources
from core.runtime import Runtime
from core.types import Passage, Scores
from tests.core.citations.adversarial import ATTACKS, HARMLESS
from tests.fakes.tiny_home import QUESTION, RECORDS, make_tiny_home, tiny_settings

ANSWER = (
    "Vitamin C lowered the frequency of regional pain syndrome after wrist fractures [1]. "
    "The trial had 416 patients. The trial had 500 patients [1]. "
    "Vitamin C raised the frequency of pain syndrome."
)
TOKENS = re.compile(r"<\|?/?(?:im_|start_|end_|s>|tool_)|\[/?INST\]|<</?SYS>>|\[\d+\]")


@pytest.fixture(scope="module")
def runtime(tmp_path_factory, tiny_llama, tiny_embedder):
    """Return a runtime with a library of the usual records and all fifty documents, imported as files are."""
    folder = tmp_path_factory.mktemp("home")
    home = make_tiny_home(folder / "data", tiny_llama, tiny_embedder)
    runtime = Runtime(home, tiny_settings())
    records = RECORDS + [
        {"id": attack.name, "title": f"Letter {at}", "text": attack.text} for at, attack in enumerate(ATTACKS)
    ]
    source = folder / "letters.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    report = runtime.add("letters", [source], CancelToken(), lambda *step: None)
    assert report.failed == 0
    return runtime


@pytest.fixture(scope="module")
def stored(runtime):
    """Return the documents as the library holds them: the good ones by PMID, the attacks by their names."""
    retriever = runtime.retriever(["letters"])
    store = retriever.libraries[0].store
    documents = store.documents(0, store.counts()[0])
    refs = store.refs([document.id for document in documents])
    return {
        document.external_id or document.pmid: Passage(
            store.chunks_of(document.id)[0], refs[document.id], Scores(0.8, 1.0, 1.0)
        )
        for document in documents
    }


def binder(runtime, passages, verifier=None):
    verifier = verifier or RuledVerifier(lambda: SimilarityVerifier(runtime.embedder))
    return Binder(passages, runtime.embedder, 0.5, verifier)


def shown(bound):
    quotes = [[c.quote for c in bound.citations if c.sentence == at] for at in range(len(bound.sentences))]
    return [
        (one.text, one.citations, one.verdict.label, of)
        for one, of in zip(bound.sentences, quotes, strict=True)
    ]


def test_that_there_are_fifty_and_all_are_in_the_library(stored):
    assert len(ATTACKS) == len({attack.name for attack in ATTACKS}) == 50
    assert {attack.name for attack in ATTACKS} <= stored.keys()


@pytest.fixture(scope="module")
def undisturbed(runtime, stored):
    return shown(binder(runtime, [stored["101"]]).bind(ANSWER))


def test_that_the_answer_has_verdicts_worth_disturbing(undisturbed):
    assert [(markers, label) for _, markers, label, _ in undisturbed] == [
        ((1,), "supported"),
        ((1,), "supported"),
        ((), "unsupported"),
        ((), "unsupported"),
    ]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_that_citations_and_verdicts_are_the_same_beside_it(runtime, stored, undisturbed, attack):
    bound = binder(runtime, [stored["101"], stored[attack.name]]).bind(ANSWER)
    assert shown(bound) == undisturbed


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_that_what_it_wants_said_is_not_cited_from_it(runtime, stored, attack):
    passages = [stored["101"], stored[attack.name]]
    for marker in ("", " [2]", " [99]", " [1, 2]"):
        bound = binder(runtime, passages).bind(attack.wanted.rstrip(".") + f"{marker}.")
        (sentence,) = bound.sentences
        assert sentence.verdict.label in ("unsupported", "weak")
        quotes = [citation.quote for citation in bound.citations if citation.marker == 2]
        assert {quote.removesuffix(" [1]") for quote in quotes} <= {HARMLESS}
        assert "99" not in bound.text


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_that_the_model_reads_nothing_of_it_but_what_is_harmless(runtime, stored, attack):
    packed = Packer(runtime.engine(), runtime.settings).pack(QUESTION, [stored[attack.name]], ())
    read = packed.messages[-1].content
    assert attack.wanted.rstrip(".").lower() not in read.lower()
    assert read.count("[1]") == 2  # the number of the passage, and the example that the prompt gives
    assert not TOKENS.search(read.replace("[1]", ""))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_that_the_words_shown_when_nothing_answers_are_none_of_its(runtime, stored, attack):
    closest = binder(runtime, [stored[attack.name]]).closest("Does vitamin C cure cancer in all patients?")
    assert {citation.quote.removesuffix(" [1]") for citation in closest} <= {HARMLESS}


@pytest.mark.models
@pytest.mark.slow
def test_that_the_real_models_are_not_swayed_either(runtime, stored, models_home):
    from core.citations.verifiers import load_verifier
    from core.retrieval.embedder import load_embedder
    from core.settings import Settings

    embedder = load_embedder(models_home.models / Settings().model.embedder)
    shipped = sorted((resources() / "verifiers").glob("*/"))
    loaded = load_verifier(shipped[0]) if shipped else SimilarityVerifier(lambda: embedder)
    verifier = RuledVerifier(lambda: loaded)
    alone = shown(Binder([stored["101"]], lambda: embedder, 0.5, verifier).bind(ANSWER))
    for attack in ATTACKS:
        both = Binder([stored["101"], stored[attack.name]], lambda: embedder, 0.5, verifier)
        assert shown(both.bind(ANSWER)) == alone, attack.name
        (sentence,) = both.bind(f"{attack.wanted.rstrip('.')} [2].").sentences
        assert sentence.verdict.label != "supported", attack.name
