"""PDF files of text at given places, an image, or nothing, written by hand: each byte is known."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 612, 792


@dataclass(frozen=True)
class Text:
    """One line; ``turn`` lays it on its side, running upwards."""

    x: float
    y: float
    text: str
    size: float = 11
    bold: bool = False
    turn: bool = False

    def operators(self) -> str:
        a, b, c, d = (0, 1, -1, 0) if self.turn else (1, 0, 0, 1)
        escaped = self.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        font = "F2" if self.bold else "F1"
        return f"BT /{font} {self.size} Tf {a} {b} {c} {d} {self.x} {self.y} Tm ({escaped}) Tj ET"


@dataclass(frozen=True)
class Image:
    """A grey image over the whole page, as a scanner writes it."""

    def operators(self) -> str:
        data = "80" * 64
        return f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm BI /W 8 /H 8 /BPC 8 /CS /G /F /AHx ID {data}> EI Q"


Page = list[Text | Image]


def make_pdf(path: Path, pages: list[Page], title: str = "", encrypt: bool = False, extra: str = "") -> Path:
    """Write ``pages`` to ``path``; ``extra`` goes into the dictionary of each page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", _font("Helvetica"), _font("Helvetica-Bold")]
    kids = []
    for page in pages:
        content = zlib.compress("\n".join(item.operators() for item in page).encode("cp1252"))
        stream = content.decode("latin-1")
        objects.append(f"<< /Length {len(content)} /Filter /FlateDecode >>\nstream\n{stream}\nendstream")
        fonts = "<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources {fonts} "
            f"/Contents {len(objects)} 0 R {extra} >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    objects.append(f"<< /Title ({title}) >>")
    trailer = f"/Info {len(objects)} 0 R"
    if encrypt:
        secret = "11" * 32
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /O <{secret}> /U <{secret}> /P -4 >>")
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<{secret}> <{secret}>]"
    path.write_bytes(_file(objects, trailer))
    return path


def make_bomb(path: Path, depth: int = 9, times: int = 12) -> Path:
    """Write one page of some 2 kB that is drawn with ``times ** depth`` rectangles: it runs out of memory."""
    return _drawing(
        path,
        "/XObject << /X 5 0 R >>",
        "/X Do",
        [
            _stream(
                "/X Do " * times if level else "0 0 9 9 re f",
                f"/Type /XObject /Subtype /Form /BBox [0 0 {WIDTH} {HEIGHT}]"
                + f" /Resources << /XObject << /X {5 + depth - level} 0 R >> >>" * bool(level),
            )
            for level in reversed(range(depth))
        ],
    )


def make_slow(path: Path, layers: int = 3000) -> Path:
    """Write one page of some 1 kB whose many layers over all of it take PDFium minutes."""
    layer = f"0 0 m {WIDTH} 0 l {WIDTH} {HEIGHT} l 0 {HEIGHT} l f "
    state = "/ExtGState << /G << /ca 0.5 /BM /Luminosity >> >>"
    return _drawing(path, state, "/G gs " + layer * layers, [])


def _drawing(path: Path, resources: str, content: str, others: list[str]) -> Path:
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents 4 0 R"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        f"{page} /Resources << {resources} >> >>",
        _stream(content),
        *others,
    ]
    path.write_bytes(_file(objects, ""))
    return path


def _stream(content: str, extra: str = "") -> str:
    packed = zlib.compress(content.encode("latin-1"))
    head = f"<< /Length {len(packed)} /Filter /FlateDecode {extra} >>"
    return f"{head}\nstream\n{packed.decode('latin-1')}\nendstream"


def _font(name: str) -> str:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"


def _file(objects: list[str], extra: str) -> bytes:
    written = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
    end += f"<< /Size {len(objects) + 1} /Root 1 0 R {extra} >>\nstartxref\n{len(written)}\n%%EOF\n"
    return written + end.encode("latin-1")


def column(lines: list[str], x: float = 72, y: float = 700, pitch: float = 13.4, **style: float) -> Page:
    """Return ``lines`` one below another."""
    return [Text(x, y - pitch * number, line, **style) for number, line in enumerate(lines)]
