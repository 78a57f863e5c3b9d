"""Text from documents is data. This module makes what a model reads of it unable to pose as anything else.

A small model follows whatever it reads last, so telling it not to is no protection. Instead, what a
document could use to speak to the model is taken out before the model sees it: chat control tokens, markers
that look like ours, and sentences that address the model rather than the reader. The stored text, and so what
the reader sees and what is quoted, is never changed.
"""

from __future__ import annotations

import re

from core.library.text import sentence_spans

REMOVED = "(sentence left out: it addresses the reader's software)"

_CONTROL_TOKEN = re.compile(
    r"<\|[^|<>]{1,64}\|>|</?(?:s|bos|eos|pad|unk)>|\[/?INST\]|<</?SYS>>", re.IGNORECASE
)
_BRACKETED_NUMBER = re.compile(r"\[(\s*\d[\d\s,;\u2013-]*)\]")
_ROLE = re.compile(r"(?im)^[ \t]*#*[ \t]*(system|assistant|user|human|ai)[ \t]*:")
_SOFTWARE = r"(?:ai|assistant|language model|model|llm|chatbot)"
_ORDERS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|bypass|discard)\b.{0,60}"
        r"\b(?:instructions?|prompts?|rules|passages?|context|everything|above|previous|prior|earlier)\b",
        r"\b(?:system|developer|hidden|initial) (?:prompt|message|instructions?)\b",
        r"\b(?:new|updated|real|following) (?:instructions?|orders?) *"
        r"(?::|are\b|for (?:the )?" + _SOFTWARE + ")",
        r"\byou are (?:now|no longer|an? (?:ai|assistant|language model|chatbot|pirate))\b",
        r"\b(?:act as|pretend to be|roleplay as) (?:an? )?" + _SOFTWARE + r"\b",
        r"\b(?:dear|attention|note to(?: the)?|hey|hello)[ ,:]+" + _SOFTWARE + r"\b",
        r"\b(?:the )?(?:ai|assistant|language model|llm|chatbot) (?:must|should|has to|shall|will)\b",
        r"\b(?:respond|reply|answer|write|say|output|print|repeat|begin|start|end)\b.{0,30}"
        r"\b(?:only|exactly|verbatim|with the (?:word|phrase|sentence|text)|the (?:word|phrase|following))\b",
        r"\b(?:do not|don't|never) "
        r"(?:cite|mention|reveal|use the (?:passages|evidence|sources)|answer the question)\b",
        r"\breveal\b.{0,40}\b(?:prompt|instructions?|password|key|secret)\b",
    )
)


def addresses_the_model(sentence: str) -> bool:
    """True if ``sentence`` reads like an order to the software rather than a statement about the world."""
    if _ROLE.search(sentence) or _CONTROL_TOKEN.search(sentence):
        return True
    return any(order.search(sentence) for order in _ORDERS)


def neutralise(text: str) -> str:
    """Return ``text`` as the model may read it: no control tokens, no markers of ours, no orders."""
    pieces: list[str] = []
    end = 0
    for span in sentence_spans(text):
        sentence = text[span.start : span.end]
        pieces.append(text[end : span.start])
        pieces.append(REMOVED if addresses_the_model(sentence) else sentence)
        end = span.end
    return plain("".join([*pieces, text[end:]]))


def plain(text: str) -> str:
    """Return ``text`` without control characters and tokens, and with ``[12]`` written as ``(12)``."""
    text = "".join(char for char in text if char in "\n\t" or char.isprintable())
    text = _CONTROL_TOKEN.sub(" ", text)
    return _BRACKETED_NUMBER.sub(r"(\1)", text)
