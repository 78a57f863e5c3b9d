import random
from dataclasses import replace
from pathlib import Path

import pytest

from core.cancel import CancelToken
from core.errors import OutOfMemory, RunUnusable
from core.generation.merging import ADAPTER
from core.protocol import CheckpointSaved, RunOpened, RunStateChanged, TrainingStep
from core.tuning.estimate import steps_of
from core.tuning.recipe import BaseChoice
from tests.training.trials import Trial, lesson, with_training
from training import checkpoints
from training.backend import Trainable
from training.data.rows import IGNORED, Row
from training.packing import dataset
from training.plain import PlainBackend


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def test_that_a_run_gives_an_adapter_and_tells_every_step(tmp_path, recipe):
    trial = Trial(tmp_path, recipe)
    told = list(trial.events())
    opened, *_ = of(told, RunOpened)
    losses = [step.loss for step in of(told, TrainingStep) if step.loss is not None]
    assert opened.steps == len(losses) == 6
    assert losses[-1] < losses[0]
    assert [state.state for state in of(told, RunStateChanged)] == ["training", "trained"]
    assert (trial.run.adapter / ADAPTER).is_file()
    assert trial.run.events() == told
    step = of(told, TrainingStep)[0]
    assert step.total == 6
    assert step.tokens_per_s > 0
    assert step.gradient_norm > 0


def test_that_evaluations_and_checkpoints_are_spread_over_the_run_and_the_last_ones_kept(tmp_path, recipe):
    trial = Trial(tmp_path, recipe)
    told = list(trial.events())
    assert [step.step for step in of(told, TrainingStep) if step.eval_loss is not None] == [3, 6]
    assert [saved.step for saved in of(told, CheckpointSaved)] == [2, 4, 6]
    assert checkpoints.steps(trial.run) == [4, 6]


@pytest.mark.parametrize("packing", [True, False])
def test_that_steps_are_known_exactly_before_the_start(tmp_path, recipe, packing):
    recipe = replace(recipe, data=replace(recipe.data, packing=packing))
    recipe = with_training(recipe, batch=2, accumulation=2, epochs=1.5)
    trial = Trial(tmp_path, recipe)
    told = list(trial.events())
    rows = len(dataset(lesson(recipe).train, recipe.data.max_length, packing=packing))
    steps = [step.step for step in of(told, TrainingStep) if step.loss is not None]
    assert steps == list(range(1, steps_of(rows, recipe.training) + 1))


def test_that_packing_keeps_conversations_whole_and_their_labels():
    rng = random.Random(0)
    rows = []
    for number in range(200):
        prompt = [rng.randrange(9, 99) for _ in range(rng.randrange(1, 40))]
        answer = [1000 + number] * rng.randrange(1, 20)
        rows.append(Row(prompt + answer, [IGNORED] * len(prompt) + answer, 0))
    packed = dataset(rows, 64, packing=True)
    assert len(packed) < 120
    found = []
    for row in packed:
        assert sum(row["seq_lengths"]) == len(row["input_ids"]) == len(row["labels"]) <= 64
        start = 0
        for length in row["seq_lengths"]:
            found.append((row["input_ids"][start : start + length], row["labels"][start : start + length]))
            start += length
    assert sorted(found) == sorted((row.input_ids, row.labels) for row in rows)


def test_that_the_loss_is_taken_on_answers_only_and_packed_rows_do_not_see_each_other(tmp_path, recipe):
    """The first loss, before any update, is the mean over answer tokens of each conversation alone."""
    import torch

    recipe = with_training(recipe, accumulation=100, max_steps=1)
    given = lesson(recipe)
    told = list(Trial(tmp_path, recipe).events())
    first = next(step.loss for step in of(told, TrainingStep) if step.loss is not None)
    from training.loading import load_base

    model = load_base(given.base, "full", torch.float32, "cpu")
    total, count = 0.0, 0
    for row in given.train:
        ids, labels = torch.tensor([row.input_ids]), torch.tensor(row.labels)
        with torch.inference_mode():
            scores = model(ids).logits[0, :-1].log_softmax(-1)
        for place, label in enumerate(labels[1:].tolist()):
            if label != IGNORED:
                total, count = total - float(scores[place, label]), count + 1
    assert first == pytest.approx(total / count, abs=1e-4)


def test_that_the_same_recipe_gives_the_same_adapter(tmp_path, recipe):
    trials = [Trial(tmp_path / name, recipe) for name in ("one", "two")]
    for trial in trials:
        list(trial.events())
    one, two = ((trial.run.adapter / ADAPTER).read_bytes() for trial in trials)
    assert one == two


def test_that_another_seed_gives_another_adapter(tmp_path, recipe):
    trials = [Trial(tmp_path / "one", recipe), Trial(tmp_path / "two", with_training(recipe, seed=1))]
    for trial in trials:
        list(trial.events())
    one, two = ((trial.run.adapter / ADAPTER).read_bytes() for trial in trials)
    assert one != two


def test_that_a_run_ends_early_when_the_loss_stops_falling_and_keeps_the_best_adapter(tmp_path, recipe):
    recipe = with_training(recipe, learning_rate=0.9, evaluations=6, epochs=4.0, patience=1, max_steps=12)
    trial = Trial(tmp_path, recipe)
    told = list(trial.events())
    measured = {step.step: step.eval_loss for step in of(told, TrainingStep) if step.eval_loss is not None}
    best = min(measured, key=lambda step: (measured[step], step))
    assert max(measured) < 12
    assert max(measured) > best
    kept = (checkpoints.folder_of(trial.run, best) / ADAPTER).read_bytes()
    assert (trial.run.adapter / ADAPTER).read_bytes() == kept


def test_that_a_run_goes_on_from_an_adapter(tmp_path, recipe):
    first = Trial(tmp_path / "one", recipe)
    told = list(first.events())
    last = [step.loss for step in of(told, TrainingStep) if step.loss is not None][-1]

    class Continued(Trial):
        def events(self):
            from training.run import train
            from training.team import Team

            given = replace(lesson(self.recipe), adapter=first.run.adapter)
            yield from train(self.run, given, PlainBackend(), Team(), self.cancel)

    again = list(Continued(tmp_path / "two", recipe).events())
    assert next(step.loss for step in of(again, TrainingStep)) < last + 0.5


@pytest.mark.parametrize("stop", [4, 9])
def test_that_a_run_with_dropout_over_two_epochs_is_the_same_wherever_it_was_stopped(tmp_path, recipe, stop):
    recipe = with_training(recipe, epochs=2.0, evaluations=3)
    recipe = replace(recipe, lora=replace(recipe.lora, dropout=0.2))
    whole, cut = Trial(tmp_path / "whole", recipe), Trial(tmp_path / "cut", recipe)
    list(whole.events())
    for event in cut.events():
        if isinstance(event, TrainingStep) and event.step == stop:
            cut.cancel.cancel()
    assert cut.run.info().state == "stopped"
    cut.cancel = CancelToken()
    list(cut.events())
    assert (cut.run.adapter / ADAPTER).read_bytes() == (whole.run.adapter / ADAPTER).read_bytes()


class FragileBackend:
    """A model for which memory runs out in one of its forward passes."""

    name = "plain"

    def __init__(self, at: int) -> None:
        self._left = at

    def load(self, wanted) -> Trainable:
        import torch

        loaded = PlainBackend().load(wanted)

        def count(*_) -> None:
            self._left -= 1
            if self._left == 0:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

        loaded.model.get_base_model().model.layers[0].mlp.register_forward_pre_hook(count)
        return loaded


def test_that_running_out_of_memory_is_said_and_the_last_checkpoint_gone_on_from(tmp_path, recipe):
    recipe = with_training(recipe, gradient_checkpointing=False, evaluations=0)
    trial = Trial(tmp_path, recipe, FragileBackend(at=9))  # after step 4, of two passes each
    with pytest.raises(OutOfMemory, match="ran out of memory"):
        list(trial.events())
    assert checkpoints.last(trial.run) == 4
    told = list(trial.events(with_training(recipe, gradient_checkpointing=True)))
    assert of(told, RunOpened)[0].first_step == 4
    assert [step.step for step in of(told, TrainingStep) if step.loss is not None] == [5, 6]
    assert of(told, RunStateChanged)[-1].state == "trained"


def test_that_a_loss_that_is_no_number_ends_the_run_with_a_remedy(tmp_path, recipe):
    class Broken:
        name = "plain"

        def load(self, wanted) -> Trainable:
            import torch

            loaded = PlainBackend().load(wanted)
            with torch.no_grad():
                for parameter in loaded.model.parameters():
                    parameter.fill_(float("nan"))
            return loaded

    with pytest.raises(RunUnusable, match="no number") as failure:
        list(Trial(tmp_path, recipe, Broken()).events())
    assert "learning rate" in failure.value.hint


@pytest.mark.parametrize("weights", ["4bit", "8bit"])
def test_that_a_quantised_base_is_trained(tmp_path, wide_llama, recipe, weights):
    recipe = with_training(replace(recipe, base=BaseChoice(str(wide_llama), weights=weights)), max_steps=2)
    told = list(Trial(tmp_path, recipe).events())
    assert of(told, RunStateChanged)[-1].state == "trained"


def test_that_a_base_that_is_quantised_already_is_taken_as_it_is(tmp_path, wide_llama, recipe):
    import torch

    from training.loading import load_base, load_tokenizer

    folder = tmp_path / "quantised-bnb-4bit"
    model = load_base(wide_llama, "4bit", torch.float32, "cpu")
    model.save_pretrained(folder)
    load_tokenizer(wide_llama).save_pretrained(folder)
    recipe = with_training(replace(recipe, base=BaseChoice(model=str(folder))), max_steps=2)
    told = list(Trial(tmp_path, recipe).events())
    assert of(told, RunStateChanged)[-1].state == "trained"


def test_that_a_base_with_tied_embeddings_is_trained(tmp_path, tiny_llama, recipe):
    from transformers import LlamaForCausalLM

    from training.loading import load_tokenizer

    folder = tmp_path / "tied"
    model = LlamaForCausalLM.from_pretrained(tiny_llama)
    model.config.tie_word_embeddings = True
    model.tie_weights()
    model.save_pretrained(folder)
    load_tokenizer(tiny_llama).save_pretrained(folder)
    recipe = with_training(replace(recipe, base=BaseChoice(model=str(folder))), max_steps=2)
    told = list(Trial(tmp_path, recipe).events())
    assert of(told, RunStateChanged)[-1].state == "trained"


def test_that_a_folder_of_an_adapter_holds_nothing_but_the_adapter(tmp_path, recipe):
    trial = Trial(tmp_path, recipe)
    list(trial.events())
    assert sorted(path.name for path in trial.run.adapter.iterdir()) == ["adapter_config.json", ADAPTER]
    assert not [path for path in Path(trial.run.folder).iterdir() if path.name == "README.md"]
