"""One run of the trainer: from token rows to an adapter, with live events, checkpoints and exact resume."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.cancel import Cancelled, CancelToken
from core.errors import RunUnusable
from core.generation.merging import ADAPTER
from core.library.storage import flush, storing
from core.library.versions import discard
from core.protocol import Event, RunOpened, RunStateChanged, Status
from core.registry import inspect_model
from core.tuning.estimate import rows_at_once, steps_of
from core.tuning.recipe import Recipe
from core.tuning.runs import Run
from training import checkpoints
from training.arguments import arguments
from training.backend import Backend, Wanted
from training.batches import Collator
from training.callbacks import Flow, Reporter, Schedule, best_step
from training.compute import Compute
from training.data.rows import Row
from training.gauges import Gauges
from training.packing import dataset
from training.repeatable import held_to_repeatable, repeatability_explained, repeats
from training.room import memory_explained, ran_out
from training.streaming import Emit, streamed
from training.team import Team
from training.versions import note_repeatable


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is trained, on what.

    Attributes:
        base: folder of the model; ``adapter`` of one to go on from, or None.
        train, validation: at most ``recipe.data.max_length`` tokens each.
    """

    recipe: Recipe
    base: Path
    adapter: Path | None
    train: Sequence[Row]
    validation: Sequence[Row]
    compute: Compute


def train(run: Run, lesson: Lesson, backend: Backend, team: Team, cancel: CancelToken) -> Iterator[Event]:
    """Train from the last whole checkpoint, or from the start; yield events as they happen.

    Ends with the state "trained" and the adapter in ``run.adapter``, or "stopped" and a checkpoint.
    Everything yielded is in the events of the run already.

    Raises:
        OutOfMemory, NotRepeatable: the state of the last checkpoint is kept.
        ModelUnusable, RecipeInvalid: the base or adapter cannot be loaded so.
        RunUnusable: the loss is no number any more.
        StorageFull
    """

    def work(emit: Emit) -> None:
        def tell(event: Event) -> None:
            if team.leads:
                run.record(event)
                emit(event)

        with memory_explained(), repeatability_explained():
            _Session(run, lesson, backend, team, cancel, tell).run()
        free_memory()

    yield from streamed(work)


def free_memory() -> None:
    """Give back what no living object holds, of the GPU as well."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


class _Session:
    """One sitting at a run: load, train, keep the adapter."""

    def __init__(
        self, run: Run, lesson: Lesson, backend: Backend, team: Team, cancel: CancelToken, tell: Emit
    ) -> None:
        self._run, self._lesson, self._backend = run, lesson, backend
        self._team, self._cancel, self._tell = team, cancel, tell
        self._recipe = lesson.recipe
        self._careful = ran_out(run)

    def run(self) -> None:
        from transformers import set_seed

        begin = self._starting_point()
        train, held = (
            dataset(rows, self._recipe.data.max_length, packing=self._recipe.data.packing)
            for rows in (self._lesson.train, self._lesson.validation)
        )
        training = self._recipe.training
        total = steps_of(len(train), training, self._team.size)
        self._tell(RunOpened(self._run.id, self._recipe.name, total, begin or 0, time.time()))
        self._tell(RunStateChanged("training"))
        evaluations = training.evaluations if len(held) else 0
        schedule = Schedule.of(total, evaluations, training.checkpoints, training.patience)
        if begin is not None and schedule.is_over(state := self._saved_state(begin)):
            self._keep(state)  # it was killed after its last step
            return
        self._tell(Status("Loading the model"))
        flow = Flow(schedule, self._run, self._team, self._cancel, self._tell)
        with held_to_repeatable(self._noted(begin)):
            set_seed(training.seed)  # before the adapter's weights are drawn
            trainer = self._trainer(train, held, total, flow)
            self._tell(Status("Training"))
            self._train(trainer, flow, begin)
        if flow.stopped and not schedule.is_over(trainer.state):
            self._tell(RunStateChanged("stopped"))
        else:
            self._keep(trainer.state)

    def _starting_point(self) -> int | None:
        """Return the step to go on from, agreed on by all; what came after it is deleted."""
        found = ""
        if self._team.leads:
            step = checkpoints.last(self._run)
            checkpoints.drop_after(self._run, step or 0)
            found = "" if step is None else str(step)
        found = self._team.share(found)
        return int(found) if found else None

    def _noted(self, begin: int | None) -> bool:
        """Note whether the run is repeatable; return True if torch has to be held to it."""
        compute = self._lesson.compute
        found = repeats(self._recipe, compute, self._backend.name, self._team.size)
        on_card = compute.device == "cuda"
        if self._team.leads:
            smaller = on_card and self._careful and found == "yes"
            note_repeatable(self._run, "changed" if smaller else found, anew=begin is None)
        return on_card and found in ("yes", "several cards")

    def _train(self, trainer: Any, flow: Flow, begin: int | None) -> None:
        from_folder = None if begin is None else str(checkpoints.folder_of(self._run, begin))
        try:
            trainer.train(resume_from_checkpoint=from_folder)
        except Cancelled:  # in the middle of an evaluation, after a whole step
            flow.stopped = True
            trainer._save_checkpoint(trainer.model, None)
            flow.on_save(trainer.args, trainer.state, trainer.control)

    def _trainer(self, train: Any, held: Any, total: int, flow: Flow) -> Any:
        import trl
        from transformers import PrinterCallback

        compute = self._lesson.compute
        loaded = self._backend.load(self._wanted())
        collator = Collator(loaded.tokenizer.pad_token_id, flat=loaded.flat)
        reporter = Reporter(total, self._tell, Gauges(), lambda: collator.tokens * self._team.size)
        watching: list[Any] = [flow, reporter]
        trainer: Any = trl.SFTTrainer(  # type: ignore[attr-defined]
            model=loaded.model,
            args=arguments(
                self._recipe,
                self._run.folder,
                total,
                self._rows_at_once(),
                compute,
                offload=loaded.offload,
            ),
            train_dataset=train,
            eval_dataset=held if len(held) else None,
            processing_class=loaded.tokenizer,
            data_collator=collator,
            callbacks=watching,
        )
        trainer.remove_callback(PrinterCallback)
        trainer.create_model_card = lambda *_, **__: None  # ours is MODEL_CARD.md
        for parameter in trainer.model.parameters():
            if parameter.requires_grad:  # in 16 bits a resumed run would not be the same
                parameter.data = parameter.data.float()
        if trainer.is_fsdp_enabled:  # so that a checkpoint holds the whole adapter
            trainer.accelerator.state.fsdp_plugin.set_state_dict_type("FULL_STATE_DICT")
        return trainer

    def _wanted(self) -> Wanted:
        return Wanted(
            base=self._lesson.base,
            adapter=self._lesson.adapter,
            weights=self._recipe.base.weights,
            lora=self._recipe.lora,
            training=self._recipe.training,
            max_length=self._recipe.data.max_length,
            compute=self._lesson.compute,
            place=None if self._team.shards else self._team.local_rank,
            alone=self._team.size == 1,
        )

    def _rows_at_once(self) -> int:
        """Return how many rows go through the model at once: as few as can be where memory ran out before."""
        import torch

        if self._careful or self._lesson.compute.device == "cpu":
            return self._recipe.training.batch
        memory = torch.cuda.get_device_properties(self._team.local_rank).total_memory
        model = inspect_model(self._lesson.base)
        return rows_at_once(self._recipe, model, memory, self._backend.enough)

    def _saved_state(self, step: int) -> Any:
        from transformers import TrainerState

        path = checkpoints.folder_of(self._run, step) / "trainer_state.json"
        return TrainerState.load_from_json(str(path))

    def _keep(self, state: Any) -> None:
        """Keep the adapter: the best one if the run may end early, else the last."""
        if not self._team.leads:
            return
        best = best_step(state) if self._recipe.training.patience else None
        step = state.global_step if best is None else best
        if not checkpoints.is_whole(self._run, step):
            raise RunUnusable(f"The checkpoint of step {step} is damaged.", "Resume the run.")
        source, aside = checkpoints.folder_of(self._run, step), self._run.folder / ".adapter"
        with storing(self._run.folder):
            discard(aside)
            aside.mkdir()
            for name in (ADAPTER, "adapter_config.json"):
                shutil.copyfile(source / name, aside / name)
            flush([*aside.iterdir(), aside])
            discard(self._run.adapter)
            aside.rename(self._run.adapter)
            flush([self._run.folder])
        self._tell(RunStateChanged("trained"))
