"""Word files and books, as small as they can be."""

from __future__ import annotations

import zipfile
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STYLES = """<w:style w:styleId="Ttl"><w:name w:val="Title"/></w:style>
<w:style w:styleId="U1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="Own"><w:name w:val="My own"/><w:basedOn w:val="U1"/></w:style>
<w:style w:styleId="Lvl"><w:name w:val="Chapter"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>"""


def paragraph(text: str, style: str = "") -> str:
    mark = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{mark}<w:r><w:t>{text}</w:t></w:r></w:p>"


def make_docx(path: Path, body: str, core: str = "", **parts: str) -> Path:
    """Write a Word file with ``body``, core properties, and further parts by name without folder."""
    files = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'<w:styles xmlns:w="{W}">{STYLES}</w:styles>',
        "docProps/core.xml": '<c:coreProperties xmlns:c="urn:c" xmlns:dc="urn:dc">'
        + core
        + "</c:coreProperties>",
    }
    files |= {
        f"word/{name}.xml": f'<w:{name} xmlns:w="{W}">{text}</w:{name}>' for name, text in parts.items()
    }
    return make_zip(path, files)


def make_epub(path: Path, chapters: dict[str, str], metadata: str = "", **extra: str) -> Path:
    """Write a book with ``chapters`` (name: XHTML body) in the order given."""
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(chapters)
    )
    items += '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{items}</manifest>"
        f'<spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": package,
        "OPS/nav.xhtml": "<html><body><nav>Contents</nav></body></html>",
        **{f"OPS/{name}": f"<html><body>{body}</body></html>" for name, body in chapters.items()},
        **extra,
    }
    return make_zip(path, files)


def make_zip(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return path
