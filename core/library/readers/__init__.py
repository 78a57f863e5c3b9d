"""Readers of the file formats people bring, one file a format; ``detect`` chooses among them."""
