"""Answers that are kept to learn from: collecting them, and looking through them."""
