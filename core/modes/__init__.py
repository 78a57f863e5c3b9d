"""What an answer is for, and what that asks of it besides being right."""
