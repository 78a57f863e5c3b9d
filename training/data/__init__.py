"""From files of pairs to the token rows that a model is trained on, and what is checked on the way."""
