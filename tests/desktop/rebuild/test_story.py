"""What a run has told, live or read again."""

from core.protocol import (
    CheckpointSaved,
    Judged,
    RoomProposed,
    RunOpened,
    RunStateChanged,
    Status,
    TrainingStep,
)
from core.tuning.recipe import Recipe
from core.tuning.runs import Runs
from desktop.rebuild.story import story_of, story_of_run, story_until
from tests.desktop.training_fake import gate

OPENED = RunOpened("run", "mine", 10, 0, 1.0)
STEPS = [TrainingStep(step, 10, step / 10, loss=3.0 - step / 10, eta_s=10.0 - step) for step in range(1, 6)]


def test_that_a_run_read_again_tells_the_same_as_live(tmp_path):
    run = Runs(tmp_path).create(Recipe(name="mine"))
    events = [
        RunOpened(run.id, "mine", 10, 0, 1.0),
        RunStateChanged("training"),
        *STEPS,
        TrainingStep(5, 10, 0.5, eval_loss=2.0),
        CheckpointSaved(5),
        RunStateChanged("stopped"),
    ]
    for event in events:
        run.record(event)
    assert story_of_run(run) == story_of(events)


def test_that_a_run_killed_at_work_is_shown_as_interrupted(tmp_path):
    run = Runs(tmp_path).create(Recipe())
    for event in (OPENED, RunStateChanged("training"), *STEPS):
        run.record(event)
    assert story_of_run(run).state == "interrupted"


def test_that_steps_after_the_checkpoint_are_forgotten_when_a_run_goes_on():
    again = RunOpened("run", "mine", 10, 3, 2.0)
    story = story_of([OPENED, *STEPS, again])
    assert sorted(story.curves["loss"]) == [1, 2, 3]
    assert story.step == 3
    assert story.state == "training"


def test_that_the_story_before_a_resumption_leaves_out_what_it_will_tell_itself():
    again = RunOpened("run", "mine", 10, 3, 2.0)
    story = story_until([OPENED, *STEPS, again, TrainingStep(4, 10, 0.4, loss=9.0)], again)
    assert story.curves["loss"][4] == STEPS[3].loss


def test_that_an_evaluation_is_no_training_loss():
    story = story_of([OPENED, TrainingStep(5, 10, 0.5, eval_loss=2.0)])
    assert story.curves["eval_loss"] == {5: 2.0}
    assert story.curves["loss"] == {}
    assert story.log[-1] == "Step 5: loss on held-out pairs 2.000"


def test_that_room_is_forgotten_once_the_run_goes_on():
    room = RoomProposed(("Shorter",), ({"data.max_length": 512},), (True,))
    assert story_of([OPENED, room]).room == room
    assert story_of([OPENED, room, RunOpened("run", "mine", 10, 2, 2.0)]).room is None


def test_that_words_of_the_process_become_the_window_s_own():
    story = story_of([OPENED, Status("Loading the embedder"), Judged(gate("run", "equal"))])
    assert story.doing == "Loading the search model"
    assert story.report.verdict == "equal"
