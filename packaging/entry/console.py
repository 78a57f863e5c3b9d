"""The console program of an installed Vademecum: the command line, and every worker process."""

import multiprocessing
import sys


def main() -> int:
    """Be the worker that ``--worker NAME`` asks for, else the command line; see ``core.programs``."""
    if sys.argv[1:2] != ["--worker"]:
        from desktop.cli import main as command

        command()
        return 0
    name = sys.argv[2] if len(sys.argv) > 2 else ""
    sys.argv[1:3] = []
    if name == "training":
        from training.__main__ import main as training

        return training()
    if name == "pdf":
        from core.library.readers.pdf_worker import main as pdf

        return pdf()
    from core.worker.__main__ import main as assistant

    return assistant()


if __name__ == "__main__":
    multiprocessing.freeze_support()  # a process that a library starts is this program too
    sys.exit(main())
