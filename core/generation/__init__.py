"""From evidence to text: prompts, packing by tokens, and the engines that run a language model."""
