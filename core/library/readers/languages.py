"""Codes of languages as PubMed writes them."""

from __future__ import annotations

# ISO 639-1 to the bibliographic codes of ISO 639-2.
_PAIRS = (
    "ar=ara bg=bul cs=cze da=dan de=ger el=gre en=eng es=spa et=est fa=per fi=fin fr=fre he=heb "
    "hi=hin hr=hrv hu=hun id=ind it=ita ja=jpn ko=kor lt=lit lv=lav nl=dut no=nor pl=pol pt=por "
    "ro=rum ru=rus sk=slo sl=slv sr=srp sv=swe th=tha tr=tur uk=ukr vi=vie zh=chi"
)
_CODES: dict[str, str] = {pair[:2]: pair[3:] for pair in _PAIRS.split()}


def language_code(tag: str | None) -> str:
    """Return the ISO 639-2 code for a language tag such as "en-GB" or "eng"; empty if it is none we know."""
    base = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    return base if base in _CODES.values() else _CODES.get(base, "")
