"""Readers of question-answer pairs, one file a format; ``sources`` chooses among them."""
