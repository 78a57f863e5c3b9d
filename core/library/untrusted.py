"""Text from documents is data. This module makes what a model reads of it unable to pose as anything else.

A small model follows whatever it reads last, so telling it not to is no protection. Instead, what a
document could use to speak to the model is taken out before the model sees it: chat control tokens, markers
that look like ours, and sentences that address the model rather than the reader. The stored text, and so what
the reader sees and what is quoted, is never changed.
"""

from __future__ import annotations

import re
import unicodedata

from core.library.text import sentence_spans

REMOVED = "(sentence left out: it addresses the reader's software)"

_CONTROL_TOKEN = re.compile(
    r"<\|[^|<>]{1,64}\|>|\[/?INST\]|<</?SYS>>"
    r"|</?(?:s|bos|eos|pad|unk|system|user|assistant|think|start_of_turn|end_of_turn|tool_\w{1,16})>",
    re.IGNORECASE,
)
# What a reader does not see, or what a program would act on; no abstract has a use for it.
_MARKUP = re.compile(
    r"<\s*/?(?:script|style|iframe|object|embed|form|meta)\b|<!--|display\s*:\s*none|javascript:"
    r"|!\[[^\]]*\]\(\s*\w+:|```",
    re.IGNORECASE,
)
_SPACED_OUT = re.compile(r"(?:\b\w\s+){10}")  # l i k e  t h i s
_BRACKETED_NUMBER = re.compile(r"\[(\s*\d[\d\s,;\u2013-]*)\]")
_ROLE = re.compile(
    r"(?im)(?:(?:^|[.!?][ \t])[ \t]*|#[ \t]*)(?:system|assistant|user|human|ai)[ \t]*:"
    r"|##[ \t]*instructions?[ \t]*:"
)
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
        # the same in other languages
        r"\b(?:ignorier|vergiss|vergesst|missachte)\w*\b"
        r".{0,60}(?:anweisung|instruktion|regeln|vorgaben|vorherig|obig)"
        r"|\b(?:ignor|oubli)(?:e|ez|er)\b.{0,60}(?:instructions|consignes|r\u00e8gles)"
        r"|\b(?:ignor[aeo]|olvid[ae]|esque\u00e7a|desconsidere|dimentica)\b"
        r".{0,60}(?:instrucciones|instru\u00e7\u00f5es|istruzioni|reglas|regras|regole)"
        r"|\b(?:negeer|vergeet)\b.{0,60}(?:instructies|aanwijzingen|regels)"
        r"|\b(?:z?ignoruj|zapomnij)\b.{0,60}(?:instrukcj|polece)"
        r"|\b(?:\u0438\u0433\u043d\u043e\u0440\u0438\u0440|\u0437\u0430\u0431\u0443\u0434)\w*.{0,60}"
        r"(?:\u0438\u043d\u0441\u0442\u0440\u0443\u043a\u0446|\u0443\u043a\u0430\u0437\u0430\u043d)"
        r"|(?:\u5ffd\u7565|\u65e0\u89c6|\u7121\u8996|\u5ffd\u89c6)"
        r".{0,20}(?:\u6307\u4ee4|\u6307\u793a|\u63d0\u793a|\u898f\u5247)"
        r"|(?:\u6307\u793a|\u547d\u4ee4|\u6307\u4ee4).{0,12}(?:\u7121\u8996|\u5fd8\u308c|\u65e0\u89c6)"
        r"|(?:\uc9c0\uc2dc|\uba85\ub839).{0,20}(?:\ubb34\uc2dc|\uc78a)"
        r"|\u062a\u062c\u0627\u0647\u0644"
        r".{0,60}(?:\u0627\u0644\u062a\u0639\u0644\u064a\u0645\u0627\u062a|\u0627\u0644\u0623\u0648\u0627\u0645\u0631)"
        r"|(?:talimat|y\u00f6nerge)\w*.{0,40}(?:yok say|g\u00f6rmezden|unut)"
        r"|system-?prompt|invite syst\u00e8me|prompt d(?:el|i) sistema|\u7cfb\u7edf\u63d0\u793a",
    )
)
# Cyrillic and Greek letters that look like Latin ones.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u0501\u03bf\u03b1\u03b5\u03b9\u03c1\u03bd"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0399",
    "aeopcyxisjdoaeipvABEKMHOPCTXII",
)
_MIXED_WORD = re.compile(r"\b\w*[A-Za-z]\w*\b")


def addresses_the_model(sentence: str) -> bool:
    """True if ``sentence`` reads like an order to the software rather than a statement about the world."""
    seen = _as_seen(sentence)
    return any(sign.search(seen) for sign in (_ROLE, _CONTROL_TOKEN, _MARKUP, _SPACED_OUT, *_ORDERS))


def _as_seen(sentence: str) -> str:
    """Return ``sentence`` without what only hides its words: invisible characters and look-alikes."""
    text = unicodedata.normalize("NFKC", sentence)
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return _MIXED_WORD.sub(lambda word: word.group().translate(_LOOK_ALIKES), text)


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


def is_readable(text: str) -> bool:
    """True if something is left of ``text`` when all that addresses the model is left out."""
    spans = sentence_spans(text)
    return not spans or any(not addresses_the_model(text[span.start : span.end]) for span in spans)


def plain(text: str) -> str:
    """Return ``text`` without control characters and tokens, and with ``[12]`` written as ``(12)``."""
    text = "".join(char for char in text if char in "\n\t" or char.isprintable())
    text = _CONTROL_TOKEN.sub(" ", text)
    return _BRACKETED_NUMBER.sub(r"(\1)", text)
