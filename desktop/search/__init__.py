"""Searching the libraries as one types."""
