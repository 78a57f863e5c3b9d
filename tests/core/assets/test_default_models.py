"""The real default models, as ``make test`` installs them."""

import json

import pytest

from core.assets.catalogue import read_catalogue
from core.assets.install import verify
from core.cancel import CancelToken
from core.generation.engine import Message
from core.generation.prompts import evidence_block, grounded_messages, is_refusal
from core.generation.transformers_engine import TransformersEngine
from core.registry import find_model, inspect_model
from core.settings import ModelSettings, SamplingSettings


@pytest.fixture
def language(models_home):
    """The model that is converted; the one that answers by default is this one with our adapter."""
    return find_model(models_home, "smollm2-135m-instruct", "language")


def test_that_the_models_the_settings_name_are_in_the_catalogue():
    kinds = {asset.name: asset.kind for asset in read_catalogue()}
    assert kinds[ModelSettings().language] == "language"
    assert kinds[ModelSettings().embedder] == "embedder"


@pytest.mark.models
def test_that_every_byte_of_the_default_models_is_as_installed(models_home):
    states = verify(models_home, lambda event: None, CancelToken())
    assert [(status.asset.name, status.problem) for status in states if status.state != "installed"] == []


@pytest.mark.models
def test_that_the_converted_model_says_what_the_original_says(language):
    info = inspect_model(language)
    assert (info.architecture, info.parameters, info.dtype) == ("LlamaForCausalLM", 134_515_008, "F32")
    assert info.context == 8192
    for name in ("config.json", "generation_config.json"):
        body = json.loads((language / name).read_text("utf-8"))
        assert (body["bos_token_id"], body["eos_token_id"], body["pad_token_id"]) == (1, 2, 2)


@pytest.mark.models
def test_that_the_tokenizer_has_the_right_special_tokens_template_and_digits(language):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(language, local_files_only=True)
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id) == (1, 2, 2)
    assert (tokenizer.eos_token, tokenizer.unk_token) == ("<|im_end|>", "<|endoftext|>")
    turns = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]
    assert tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True) == (
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n"
    )
    assert tokenizer.tokenize("in 12,  5") == ["in", "Ġ", "1", "2", ",", "ĠĠ", "5"]
    words = "Naïve 37 °C — 漢字 , it 's\n  ok"
    assert tokenizer.decode(tokenizer(words)["input_ids"]) == words


@pytest.mark.models
def test_that_the_end_of_turn_ends_the_answer_of_the_default_model(language):
    engine = TransformersEngine.load(language, ModelSettings(), CancelToken())
    greedy = SamplingSettings(temperature=0, max_new_tokens=60)
    question = [Message("user", "What is the capital of France?")]
    answer = "".join(engine.stream(question, greedy, 0, CancelToken()))
    assert answer == "The capital of France is Paris."


@pytest.mark.models
def test_that_the_tuned_model_cites_the_passage_that_answers_and_refuses_when_none_does(models_home):
    folder = find_model(models_home, ModelSettings().language, "language")
    engine = TransformersEngine.load(folder, ModelSettings(), CancelToken())
    greedy = SamplingSettings(temperature=0, max_new_tokens=60)

    def answer(question):
        blocks = [
            evidence_block(1, "Trial of zinc", "Zinc lozenges shortened colds by two days in 80 adults."),
            evidence_block(2, "Trial of walking", "Walking on the first day reduced the length of stay."),
        ]
        return "".join(engine.stream(grounded_messages(question, blocks, []), greedy, 0, CancelToken()))

    assert "[1]" in answer("Do zinc lozenges shorten colds?")
    assert is_refusal(answer("Which gene causes cystic fibrosis?"))
