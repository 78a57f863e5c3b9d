"""A data folder in which everything works, on models of a few thousand numbers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from core.cancel import CancelToken
from core.paths import Home
from core.runtime import Runtime
from core.settings import ModelSettings, RetrievalSettings, SamplingSettings, Settings, write_settings

RECORDS = [
    {
        "pmid": "101",
        "title": "Vitamin C after wrist fracture",
        "journal": "Journal of Made-up Trials",
        "year": 2007,
        "publication_types": ["Randomized Controlled Trial"],
        "abstract": "Vitamin C lowered the frequency of regional pain syndrome after wrist fractures. "
        "The trial had 416 patients.",
    },
    {
        "pmid": "102",
        "title": "Atropine with ketamine",
        "journal": "Journal of Made-up Trials",
        "year": 2011,
        "abstract": "Atropine reduced drooling in sedated children. Vomiting was not more frequent.",
    },
    {
        "pmid": "103",
        "title": "Nurses and insulin",
        "abstract": "Nurses who adjusted insulin doses reached glucose targets sooner.",
    },
]
QUESTION = "vitamin c regional pain syndrome wrist fractures"


def tiny_settings() -> Settings:
    """Return settings for the tiny models: their names, short answers, no threshold they could not reach."""
    return Settings(
        libraries=("starter",),
        model=ModelSettings(language="tiny-llama", embedder="tiny-embedder"),
        sampling=SamplingSettings(max_new_tokens=40),
        retrieval=RetrievalSettings(passages=2, min_similarity=0.3, min_support=0.0),
    )


def write_records(path: Path, records: list[dict[str, object]] | None = None) -> Path:
    """Write ``records`` (RECORDS, if none) as JSON lines to ``path`` and return it."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records or RECORDS), "utf-8")
    return path


def make_tiny_home(folder: Path, llama: Path, embedder: Path) -> Home:
    """Make a home with both tiny models, settings for them, and the library "starter"."""
    home = Home(folder)
    home.models.mkdir(parents=True)
    shutil.copytree(llama, home.models / "tiny-llama")
    shutil.copytree(embedder, home.models / "tiny-embedder")
    write_settings(home.settings, tiny_settings())
    source = write_records(folder / "records.jsonl")
    Runtime(home, tiny_settings()).add("starter", [source], CancelToken(), lambda *progress: None)
    return home
