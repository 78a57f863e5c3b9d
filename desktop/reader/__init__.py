"""A document with the cited passage highlighted."""
