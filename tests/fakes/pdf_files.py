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


def make_pdf(path: Path, pages: list[Page], title: str = "", encrypt: bool = False) -> Path:
    """Write ``pages`` to ``path``."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", _font("Helvetica"), _font("Helvetica-Bold")]
    kids = []
    for page in pages:
        content = zlib.compress("\n".join(item.operators() for item in page).encode("cp1252"))
        stream = content.decode("latin-1")
        objects.append(f"<< /Length {len(content)} /Filter /FlateDecode >>\nstream\n{stream}\nendstream")
        fonts = "<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources {fonts} "
            f"/Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    objects.append(f"<< /Title ({title}) >>")
    extra = f"/Info {len(objects)} 0 R"
    if encrypt:
        secret = "11" * 32
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /O <{secret}> /U <{secret}> /P -4 >>")
        extra += f" /Encrypt {len(objects)} 0 R /ID [<{secret}> <{secret}>]"
    path.write_bytes(_file(objects, extra))
    return path


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
