"""The processes that train one run together: this one alone, or those that accelerate or torchrun started."""

from __future__ import annotations

import os
from typing import Any

_LONGEST = 4096  # bytes of a text that is shared


class Team:
    """What the processes of a run tell each other. Alone, every call returns at once.

    All members must make the same calls in the same order.
    """

    def __init__(self) -> None:
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self.local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        self._state: Any = None

    @property
    def leads(self) -> bool:
        """True in the one process that writes the run folder."""
        return self.rank == 0

    @property
    def shards(self) -> bool:
        """True if every process holds a part of the model only (FSDP)."""
        return os.environ.get("ACCELERATE_USE_FSDP", "").lower() in ("1", "true")

    def share(self, text: str) -> str:
        """Return the ``text`` of the leading process. Bytes, not pickles, travel between the processes."""
        if self.size == 1:
            return text
        import torch

        content = text.encode()[:_LONGEST]
        box = torch.zeros(_LONGEST, dtype=torch.uint8)
        box[: len(content)] = torch.frombuffer(bytearray(content or b"\0"), dtype=torch.uint8)[: len(content)]
        box = box.to(self._device())
        torch.distributed.broadcast(box, src=0)
        return bytes(box.cpu().tolist()).rstrip(b"\0").decode()

    def any(self, flag: bool) -> bool:
        """True if ``flag`` is in any of the processes."""
        if self.size == 1:
            return flag
        import torch

        box = torch.tensor(int(flag), device=self._device())
        torch.distributed.all_reduce(box, op=torch.distributed.ReduceOp.MAX)
        return bool(box.item())

    def wait(self) -> None:
        """Return once every process has come here."""
        if self.size > 1:
            self.any(False)

    def leave(self) -> None:
        """Go on alone: the others may end."""
        if self.size > 1:
            import torch

            if torch.distributed.is_initialized():
                torch.distributed.destroy_process_group()

    def _device(self) -> Any:
        if self._state is None:
            import torch
            from accelerate import PartialState

            cpu = os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true")
            if cpu or not torch.cuda.is_available():  # it would say "cpu:1", where torch loads no checkpoint
                os.environ.setdefault("ACCELERATE_TORCH_DEVICE", "cpu")
            self._state = PartialState(cpu=cpu)
        return self._state.device
