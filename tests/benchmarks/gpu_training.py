"""QLoRA on the shape of Llama-3.1-8B: speed and memory of a peer's recipe and of our backends, in one run.

The weights are random, for none can be had here; speed and memory do not depend on them. Each variant runs
in a process of its own, so that its memory is counted alone. Needs a GPU with 16 GB or more and 25 GB of disk
or memory for the model, under ``--keep FOLDER`` (default: the folder for temporary files).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import common

LENGTH, ACCUMULATION, PIECE = 2048, 8, 512  # tokens of a row, rows of a step, tokens of a conversation
STEPS, WARM = 6, 2  # the first steps compile kernels and fill caches
SHAPE = {
    "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 131072, "rope_theta": 500000.0,
    "rms_norm_eps": 1e-5, "tie_word_embeddings": False,
}  # fmt: skip
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def main() -> int:
    """Print the table; with ``--variant`` measure one of them and print a line of JSON."""
    parser = common.options_of(__doc__)
    parser.add_argument("--device", choices=["cuda"], default="cuda")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "vademecum-bench")
    parser.add_argument("--variant", choices=list(VARIANTS))
    options = parser.parse_args()
    base = options.keep / "llama-8b-nf4"
    if options.variant:
        print("RESULT " + json.dumps(VARIANTS[options.variant](base)))
        return 0
    report = common.Report("gpu_training")
    if not (base / "config.json").is_file():
        common.say("making the model")
        make_base(base)
    rows = [_measured(name, options.keep) for name in VARIANTS]
    title = f"QLoRA, Llama-3.1-8B shape, packed to {LENGTH:,} tokens, {ACCUMULATION} rows a step"
    report.table(title, ["training", "tokens/s", "peak memory, GB", "GPU busy, %"], rows)
    return report.finish(options.json)


def _measured(name: str, keep: Path) -> list[object]:
    command = [sys.executable, "-m", "tests.benchmarks.gpu_training", "--keep", str(keep), "--variant", name]
    done = subprocess.run(command, capture_output=True, text=True)
    found = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not found:
        print(done.stdout[-1500:], done.stderr[-3000:], file=sys.stderr)
        return [name, "failed", None, None]
    result = json.loads(found[0].removeprefix("RESULT "))
    return [name, result["rate"], result["peak"] / 1e9, 100 * result["busy"]]


def make_base(folder: Path) -> None:
    """Save a random model of the shape, quantised to NF4, with a tokenizer of bytes."""
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

    from tests.fakes.tiny_models import byte_tokenizer
    from training.loading import quantisation

    tokenizer = byte_tokenizer()
    ids = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model = LlamaForCausalLM(LlamaConfig(**SHAPE, **ids))
    torch.set_default_dtype(torch.float32)
    whole = folder.with_name("llama-8b-bf16")
    model.save_pretrained(whole, max_shard_size="5GB")
    del model
    torch.cuda.empty_cache()
    options = {"quantization_config": quantisation("4bit", torch.bfloat16), "dtype": torch.bfloat16}
    AutoModelForCausalLM.from_pretrained(whole, device_map={"": 0}, **options).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def rows() -> list[list[int]]:
    """Return conversations of ``PIECE`` tokens, four of which fill a row, for all steps."""
    import random

    chance = random.Random(0)
    count = STEPS * ACCUMULATION * LENGTH // PIECE
    return [[chance.randrange(256) for _ in range(PIECE)] for _ in range(count)]


def peer(base: Path) -> dict[str, float]:
    """Measure TRL and peft as their documentation combines them for QLoRA."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig, prepare_model_for_kbit_training
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from training.gauges import Gauges

    gauges, ends, busy = Gauges(), [], []

    class Clock(TrainerCallback):
        def on_step_end(self, args, state, control, **more):
            torch.cuda.synchronize()
            ends.append(time.perf_counter())
            busy.append(gauges.utilisation() or 0.0)

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16, device_map={"": 0})
    model = prepare_model_for_kbit_training(model, gradient_checkpointing_kwargs={"use_reentrant": False})
    with tempfile.TemporaryDirectory() as folder:
        arguments = SFTConfig(
            output_dir=folder, max_steps=STEPS, per_device_train_batch_size=1, logging_steps=1, packing=True,
            gradient_accumulation_steps=ACCUMULATION, max_length=LENGTH, bf16=True, learning_rate=3e-4,
            optim="paged_adamw_8bit", gradient_checkpointing=True, report_to="none", save_strategy="no",
            gradient_checkpointing_kwargs={"use_reentrant": False}, disable_tqdm=True,
        )  # fmt: skip
        trainer = SFTTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict({"input_ids": rows()}),
            processing_class=AutoTokenizer.from_pretrained(base),
            peft_config=LoraConfig(r=16, lora_alpha=16, use_rslora=True, target_modules=PROJECTIONS),
            callbacks=[Clock()],
        )
        trainer.train()
    rate = (len(ends) - WARM) * ACCUMULATION * LENGTH / (ends[-1] - ends[WARM - 1])
    peak = torch.cuda.max_memory_allocated()
    return {"rate": rate, "peak": peak, "busy": statistics.mean(busy[WARM:])}


def ours(base: Path, backend: str, repeatable: bool = True) -> dict[str, float]:
    """Measure one run of ours, by the events that a window would show."""
    from training.repeatable import prepare_cublas
    from training.unsloth import prepare_import

    prepare_cublas()
    with tempfile.TemporaryDirectory() as folder:
        if backend == "unsloth":
            prepare_import(Path(folder), has_gpu=True)
        import torch

        from core.cancel import CancelToken
        from core.protocol import TrainingStep
        from core.tuning.recipe import BaseChoice, DataChoice, Recipe, TrainingChoice
        from core.tuning.runs import Runs
        from training.backend import choose
        from training.compute import compute_for
        from training.data.rows import Row
        from training.run import Lesson, train
        from training.team import Team

        training = TrainingChoice(
            max_steps=STEPS, accumulation=ACCUMULATION, evaluations=0, repeatable=repeatable
        )
        recipe = Recipe(
            backend=backend,
            base=BaseChoice(str(base), weights="4bit"),
            data=DataChoice(max_length=LENGTH),
            training=training,
        )
        compute = compute_for("auto")
        lesson = Lesson(recipe, base, None, [Row(ids, ids, 0) for ids in rows()], [], compute)
        run = Runs(Path(folder)).create(recipe)
        events = train(run, lesson, choose(backend, compute), Team(), CancelToken())
        steps, ends = [], []
        for event in events:
            if isinstance(event, TrainingStep):
                steps.append(event)
                ends.append(time.perf_counter())
        rate = (len(ends) - WARM) * ACCUMULATION * LENGTH / (ends[-1] - ends[WARM - 1])
        busy = [step.gpu_utilisation or 0.0 for step in steps[WARM:]]
        return {"rate": rate, "peak": torch.cuda.max_memory_allocated(), "busy": statistics.mean(busy)}


VARIANTS = {
    "peer: TRL + peft, 1 row at once": peer,
    "ours, plain": lambda base: ours(base, "plain"),
    "ours, plain, repeatable off": lambda base: ours(base, "plain", repeatable=False),
    "ours, unsloth": lambda base: ours(base, "unsloth"),
}

if __name__ == "__main__":
    sys.exit(main())
