"""Batches of rows: stacked, attention kept within conversations, and the loss that of single rows."""

import pytest
import torch

from training.batches import Collator
from training.data.rows import IGNORED


def test_that_positions_begin_anew_with_each_conversation_and_the_padding():
    rows = [
        {"input_ids": [5, 6, 7, 8], "labels": [IGNORED, 6, IGNORED, 8], "seq_lengths": [2, 2]},
        {"input_ids": [9], "labels": [9], "seq_lengths": [1]},
    ]
    collator = Collator(pad=0)
    batch = collator(rows)
    assert batch["position_ids"].tolist() == [[0, 1, 0, 1], [0, 0, 1, 2]]
    assert batch["input_ids"].tolist() == [[5, 6, 7, 8], [9, 0, 0, 0]]
    assert batch["labels"][1].tolist() == [9, IGNORED, IGNORED, IGNORED]
    assert collator.tokens == 5


@pytest.mark.parametrize("lengths", [[5, 9, 3], [8, 8], [1, 1, 12]])
def test_that_conversations_packed_into_one_row_score_as_they_do_alone(tiny_llama, lengths):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_llama).eval()
    pieces = [
        torch.randint(0, 250, (length,), generator=torch.Generator().manual_seed(length))
        for length in lengths
    ]
    ids = torch.cat(pieces).tolist()
    long = {"input_ids": ids, "labels": ids, "seq_lengths": lengths}
    short = {"input_ids": ids[: lengths[0]], "labels": ids[: lengths[0]], "seq_lengths": [lengths[0]]}
    batch = Collator(pad=0)([long, short])
    with torch.inference_mode():
        packed = model(
            input_ids=batch["input_ids"], position_ids=batch["position_ids"], use_cache=False
        ).logits
        alone = torch.cat([model(input_ids=piece[None]).logits[0] for piece in pieces])
    assert torch.allclose(packed[0], alone, atol=1e-4)
    assert torch.allclose(packed[1, : lengths[0]], alone[: lengths[0]], atol=1e-4)
