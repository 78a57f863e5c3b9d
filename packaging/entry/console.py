"""The console program of an installed Vademecum: the command line, and every worker process."""

import multiprocessing
import runpy
import sys


def main() -> None:
    """Be the worker that ``--worker NAME`` asks for, else the command line; see ``core.programs``."""
    from core.programs import MODULES, WORKER

    name = sys.argv[2] if sys.argv[1:2] == [WORKER] and len(sys.argv) > 2 else "command"
    if name != "command":
        sys.argv[1:3] = []
    module = {str(known): module for known, module in MODULES.items()}[name]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    multiprocessing.freeze_support()  # a process that a library starts is this program too
    main()
