"""The promise that nothing leaves this computer, kept by the interpreter itself.

``arm`` installs an audit hook (PEP 578), which Python code cannot remove: every look-up of a name and every
connection to an address that is not this computer's own is refused before it happens, and written to
``logs/network.jsonl``, from where ``vademecum doctor`` counts it. ``worker_environment`` keeps the libraries
we use from trying in the first place.

What the hook cannot see is native code that opens sockets by itself; the libraries we ship do not, and the
tests run the window and a question in a network namespace without any interface as well.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import OfflineViolation
from core.paths import Home

ENVIRONMENT: Mapping[str, str] = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "UNSLOTH_DISABLE_STATISTICS": "1",
    "UNSLOTH_OFFLINE": "1",
    "WANDB_DISABLED": "true",
}

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", ""})


def worker_environment(home: Home) -> dict[str, str]:
    """Return this process's environment with every hub library told to stay offline, for a child process."""
    return {**os.environ, **ENVIRONMENT, "VADEMECUM_HOME": str(home.root)}


def arm(process: str, home: Home) -> None:
    """Refuse every attempt of this process to reach the network, from now on and for good.

    Call it before importing anything that could. ``process`` is written beside each attempt: "window",
    "assistant", "training" or "command".
    """
    os.environ.update(ENVIRONMENT)
    log = home.network_log

    def record(event: str, target: str) -> None:
        line = json.dumps({"time": round(time.time()), "process": process, "event": event, "target": target})
        with contextlib.suppress(OSError):  # a full disk must not turn a refusal into a permission
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    sys.addaudithook(_hook(record))


def attempts(home: Home) -> int:
    """Return how many attempts to reach the network were refused and logged, by any process, ever."""
    try:
        with home.network_log.open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def is_armed() -> bool:
    """Try the guard with a look-up that never leaves the computer; True if it is refused.

    The name is of the reserved top-level domain "invalid", and nothing is logged for it.
    """
    try:
        sys.audit("socket.gethostbyname", _PROBE)
    except OfflineViolation:
        return True
    return False


_PROBE = "guard-probe.invalid"


def _hook(record: Callable[[str, str], None]) -> Callable[[str, tuple[Any, ...]], None]:
    def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
        if not event.startswith("socket."):
            return
        target = _target(event, arguments)
        if target is None or _is_local(target):
            return
        if target != _PROBE:
            record(event, target)
        raise OfflineViolation(
            f"A connection to {target} was refused: Vademecum works offline.",
            "Report this: no part of Vademecum should try to reach the network.",
        )

    return refuse_network


def _target(event: str, arguments: tuple[Any, ...]) -> str | None:
    """Return the host that ``event`` would reach, or None if it reaches none."""
    if event in _CONNECTING:
        sock, address = arguments[0], arguments[-1]
        if getattr(sock, "family", None) not in (socket.AF_INET, socket.AF_INET6) or address is None:
            return None  # Unix sockets and the like, or a datagram on a connected socket
        return _text(address[0]) if isinstance(address, tuple) else _text(address)
    if event in _LOOKING_UP:
        first = arguments[0]
        return _text(first[0]) if isinstance(first, tuple) else _text(first)
    return None


def _text(host: object) -> str:
    if isinstance(host, bytes | bytearray):
        return bytes(host).decode("ascii", "replace")
    return "" if host is None else str(host)


def _is_local(host: str) -> bool:
    if host.lower() in _LOCAL_NAMES:
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    return False
