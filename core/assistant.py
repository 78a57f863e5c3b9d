"""One question from start to end, as events: find evidence, refuse or write, bind sentences to sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from core.cancel import CancelToken
from core.citations.binding import Binder, BoundText
from core.citations.support import Checker, support_of
from core.generation.engine import Engine
from core.generation.packing import PackedPrompt, Packer, checked_question
from core.generation.prompts import is_refusal
from core.generation.tidying import Drafts, Tidied
from core.library.grades import complete
from core.library.untrusted import is_readable
from core.modes.evidence import Evidence
from core.modes.finishing import finished
from core.modes.plans import MODES, WIDER, ModePlan
from core.protocol import Answered, Found, Status, Token
from core.replies import SCHEMA as SCHEMA
from core.replies import Clock, Replies, named, nearest
from core.replies import Question as Question
from core.retrieval.counting import count
from core.retrieval.embedder import Embedder
from core.retrieval.retriever import Retriever
from core.settings import Settings
from core.types import Answer, Citation, Filters, Passage

NOT_ANSWERED = "The passages that come closest do not answer this question, as far as the model sees."
NOT_BORNE_OUT = (
    "What the model wrote is not shown: the passages do not bear it out well enough. They are quoted instead."
)
AS_ASKED = "Only quotes were asked for."
NOTHING_TO_CHECK = "The model wrote no sentence that could be checked."
NO_LIBRARY = "No library was asked, so there is nothing to quote."

AnswerEvent = Status | Found | Token | Answered


class Assistant:
    """Answers questions with one embedder and one language model, which is loaded when it is first needed."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        embedder: Callable[[], Embedder],
        settings: Settings,
        verifier: Checker | None = None,
    ) -> None:
        self._engine = engine
        self._verifier = verifier
        self._embedder = embedder
        self._settings = settings

    def answer(
        self, question: Question, retriever: Retriever | None, cancel: CancelToken
    ) -> Iterator[AnswerEvent]:
        """Yield what happens, and last one Answered; after a cancel it holds what had been written.

        Without ``retriever`` the model answers alone, and says so.

        Raises:
            QuestionRejected: the question is empty or too long.
            AppError: the library or the model cannot be used.
        """
        clock = Clock()
        text = checked_question(question.text, self._settings.model.context)
        replies = Replies(question, self._settings, retriever.refs if retriever else (), clock)
        evidence = Evidence((), ())
        if retriever is not None:
            yield Status("Searching the library")
            retrieval = self._settings.retrieval
            if (counted := count(text, retriever, retrieval, question.filters)) is not None:
                clock.retrieved()
                yield Answered(replies.counted(counted))
                return
            evidence = self._evidence(text, retriever, MODES[question.mode], question.filters)
            clock.retrieved()
            if not evidence.close_enough(retrieval.min_similarity):
                reason = f"No passage in {named(retriever.refs)} is close enough to this question."
                yield Answered(replies.refusal(reason, evidence.passages))
                return
        if question.evidence_only:
            yield Found(evidence.passages)
            yield Answered(self._quoted(text, replies, retriever, evidence))
        else:
            yield from self._written(text, replies, retriever, evidence, cancel)

    def _evidence(self, text: str, retriever: Retriever, plan: ModePlan, filters: Filters) -> Evidence:
        """Return what was found for ``text``, in the order in which it is read."""
        retrieval = self._settings.retrieval
        wanted = max(plan.passages, retrieval.passages)
        found = retriever.search(text, retrieval, wanted * (WIDER if plan.strongest_first else 1), filters)
        readable = [passage for passage in found if is_readable(passage.chunk.text)]
        evidence = Evidence(tuple(readable), tuple(retriever.closeness(text, readable)))
        if plan.strongest_first and evidence.close_enough(retrieval.min_similarity):
            evidence = evidence.strongest_first(retrieval.min_similarity, complete(retrieval.grades))
        return evidence.first(wanted)

    def _written(
        self,
        text: str,
        replies: Replies,
        retriever: Retriever | None,
        evidence: Evidence,
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        """Let the model write, check it, and yield the answer."""
        question, sampling = replies.question, self._settings.sampling
        yield Status("Loading the model")
        engine = self._engine()
        packer = Packer(engine, self._settings, MODES[question.mode].instruction)
        packed = packer.pack(text, evidence.passages, question.history)
        yield Found(packed.passages)
        yield Status("Reading the evidence" if packed.passages else "Writing")
        texts: list[str] = []
        for number in range(sampling.answers):
            if number and cancel.cancelled:
                break
            if number:
                yield Status(f"Writing answer {number + 1} of {sampling.answers}")
            pieces: list[str] = []
            for piece in engine.stream(packed.messages, sampling, question.seed + number, cancel):
                replies.clock.first_token()
                pieces.append(piece)
                if not number:  # further answers are shown when they are done
                    yield Token(piece)
            texts.append("".join(pieces))
        drafts = Drafts.of(texts, engine, packed, sampling.max_new_tokens)
        if retriever and is_refusal(drafts.texts[0].text):
            closest = self._binder(packed.passages, retriever).closest(text)
            refusal = replies.refusal(NOT_ANSWERED, packed.passages, tokens=drafts.tokens, closest=closest)
            yield Answered(refusal)
            return
        yield Status("Checking the citations")
        read = replace(evidence, passages=(*packed.passages, *evidence.passages[len(packed.passages) :]))
        yield Answered(self._bound(text, replies, retriever, read, packed, drafts, cancel))

    def _bound(
        self,
        text: str,
        replies: Replies,
        retriever: Retriever | None,
        evidence: Evidence,
        packed: PackedPrompt,
        drafts: Drafts,
        cancel: CancelToken,
    ) -> Answer:
        """Return the first draft bound to its sources, or quotes if they do not bear it out."""
        binder = self._binder(packed.passages, retriever)
        bound, *others = [binder.bind(draft.text) for draft in drafts.texts]
        support = support_of(bound.sentences)
        closest = binder.closest(text)
        known = {"tokens": drafts.tokens, "confidence": evidence.confidence(support)}
        if retriever and support is not None and self._too_weak(support) and not cancel.cancelled:
            answer = replies.quotes(NOT_BORNE_OUT, packed.passages, closest)
            answer = replace(answer, model=drafts.model, **known)  # type: ignore[arg-type]
        else:
            answer = replies.written(
                bound.text,
                drafts.model,
                reason=_caution(bound, drafts.texts[0], bool(retriever)),
                sentences=bound.sentences,
                citations=bound.citations,
                stopped=cancel.cancelled,
                nearest=nearest(packed.passages),
                closest=() if bound.citations else closest,
                alternatives=tuple(other.text for other in others),
                unchecked=bound.unchecked,
                **known,
            )
        return self._finished(answer, text, retriever, evidence, closest, len(packed.passages))

    def _quoted(self, text: str, replies: Replies, retriever: Retriever | None, evidence: Evidence) -> Answer:
        """Return the quotes that come closest; the language model is not even loaded."""
        if retriever is None:
            return replies.refusal(NO_LIBRARY, (), model="")
        closest = self._binder(evidence.passages, retriever).closest(text)
        answer = replies.quotes(AS_ASKED, evidence.passages, closest)
        return self._finished(answer, text, retriever, evidence, closest, len(evidence.passages))

    def _finished(
        self,
        answer: Answer,
        text: str,
        retriever: Retriever | None,
        evidence: Evidence,
        closest: Sequence[Citation],
        read: int,
    ) -> Answer:
        """Return ``answer`` with what its mode adds, told from the quotes that are close enough.

        ``closest`` are those of the first ``read`` passages.
        """
        retrieval = self._settings.retrieval
        rest = evidence.passages[read:] if MODES[answer.mode].studies else ()
        more = self._binder(rest, retriever).closest(text) if rest else ()
        quotes = [*closest, *(replace(one, marker=one.marker + read) for one in more)]
        near = [one for one in quotes if evidence.closeness[one.marker - 1] >= retrieval.min_similarity]
        return finished(answer, evidence.passages, near, retrieval)

    def _too_weak(self, support: float) -> bool:
        return support < self._settings.retrieval.min_support

    def _binder(self, passages: Sequence[Passage], retriever: Retriever | None) -> Binder:
        pages = retriever.pages if retriever else None
        threshold = self._settings.retrieval.bind_threshold
        return Binder(passages, self._embedder, threshold, self._verifier, pages)


def _caution(bound: BoundText, draft: Tidied, grounded: bool) -> str:
    """Return what is wrong with a text that is shown, or an empty string."""
    if not bound.text:
        return "The model wrote nothing."
    lacking = grounded and not bound.unchecked and support_of(bound.sentences) is None
    return " ".join(filter(None, (draft.caution, NOTHING_TO_CHECK if lacking else "")))
