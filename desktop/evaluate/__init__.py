"""Measuring retrieval, answers, the check of citations and bias, and what came of it."""
