"""The conversation: question, streamed answer, evidence."""
