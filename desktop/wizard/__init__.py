"""The rebuild wizard: hardware, files, preview, recipe, run, result."""
