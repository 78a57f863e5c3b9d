"""Measuring what the program does on published data sets."""
