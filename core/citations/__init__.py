"""Binding the sentences of an answer to the exact words they rest on."""
