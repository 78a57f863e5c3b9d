"""Attention that is told where conversations begin; the kernel here computes each on its own."""

from itertools import pairwise

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from training.attention import attend_with, kernel
from training.batches import Collator
from training.compute import Compute


def reference(q, k, v, bounds, also, longest, same, *, scale, window_size):
    """What torch's kernel does on a GPU: (tokens, heads, size), causal within the bounds."""
    assert window_size == (-1, 0)
    assert torch.equal(bounds, also)
    assert longest == same == int(bounds.diff().max())
    pieces = [slice(int(start), int(end)) for start, end in pairwise(bounds)]
    parts = [[states[piece].transpose(0, 1) for states in (q, k, v)] for piece in pieces]
    made = [scaled_dot_product_attention(*part, is_causal=True, scale=scale) for part in parts]
    return torch.cat([out.transpose(0, 1) for out in made])


def rows_of(lengths):
    made = [torch.randint(0, 250, (n,), generator=torch.Generator().manual_seed(n)).tolist() for n in lengths]
    first = {"input_ids": made[0] + made[1], "seq_lengths": lengths[:2]}
    return made, [{**row, "labels": row["input_ids"]} for row in (first, {"input_ids": made[2]})]


@pytest.mark.parametrize("lengths", [[5, 9, 3], [8, 8, 1], [1, 1, 12]])
def test_that_conversations_laid_end_to_end_score_as_they_do_alone(tiny_llama, lengths):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_llama).eval()
    pieces, rows = rows_of(lengths)
    with torch.inference_mode():
        alone = torch.cat([model(input_ids=torch.tensor([piece])).logits[0] for piece in pieces])
        attend_with(model, reference)
        batch = Collator(pad=0, flat=True)(rows)
        batch.pop("labels")
        together = model(**batch, use_cache=False).logits
    assert together.shape[:2] == (1, sum(lengths))
    assert torch.allclose(together[0], alone, atol=1e-4)


def test_that_a_flat_batch_says_where_conversations_begin_and_pads_nothing():
    collator = Collator(pad=0, flat=True)
    batch = collator(
        [
            {"input_ids": [5, 6, 7, 8], "labels": [-100, 6, -100, 8], "seq_lengths": [1, 3]},
            {"input_ids": [9, 4], "labels": [-100, 4]},
        ]
    )
    assert batch["input_ids"].tolist() == [[5, 6, 7, 8, 9, 4]]
    assert batch["labels"].tolist() == [[-100, 6, -100, 8, -100, 4]]
    assert batch["position_ids"].tolist() == [[0, 0, 1, 2, 0, 1]]
    assert batch["packed_seq_lengths"].tolist() == [1, 3, 2]
    assert batch["cu_seq_lens_q"].tolist() == [0, 1, 4, 6]
    assert batch["max_length_q"] == 3
    assert collator.tokens == 6


@pytest.mark.parametrize("compute", [Compute("cpu", "bf16"), Compute("cuda", "fp32")])
def test_that_there_is_no_such_kernel_on_a_cpu_or_in_fp32(compute):
    assert kernel(compute) is None
