"""Run the benchmarks one after another: ``python -m tests.benchmarks [NAME]... [--json] [--gpu]``.

Each runs in a process of its own, so that none finds libraries loaded or threads started by another. Without
a name all run, the quick ones first: about 20 minutes on two cores, of which SciFact takes half (less with
``--keep FOLDER``, once its library is built). The exit status is 1 if any missed what it must reach.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.benchmarks.common import ROOT

NAMES = ("window_start", "pubmed_reading", "storing", "ingest", "answers", "grounding", "scifact")
NAMES += ("citations",)
ON_DEMAND = ("million",)  # a quarter of an hour and 12 GB of disk
ON_GPU = ("answers", "default_adapter", "feeding", "gpu_training")


def main() -> int:
    """Run what is named; return the worst exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; all by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object a benchmark, one a line")
    parser.add_argument("--keep", metavar="FOLDER", help="keep library or large model there")
    parser.add_argument("--passages", type=int, help="how many the benchmark of a million makes up")
    parser.add_argument("--gpu", action="store_true", help="only what a GPU changes, on the GPU")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - {*NAMES, *ON_GPU, *ON_DEMAND}):
        parser.error(
            f"there is no benchmark {unknown[0]}: choose among {', '.join((*NAMES, *ON_GPU, *ON_DEMAND))}"
        )
    names = options.names or list(ON_GPU if options.gpu else NAMES)
    return max(_run(name, options) for name in names)


def _run(name: str, options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", f"tests.benchmarks.{name}"]
    command += ["--json"] if options.json else []
    command += (
        ["--keep", options.keep] if options.keep and name in ("scifact", "gpu_training", "million") else []
    )
    command += ["--passages", str(options.passages)] if options.passages and name == "million" else []
    command += ["--device", "cuda"] if options.gpu else []
    return subprocess.call(command, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
