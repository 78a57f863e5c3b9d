"""The default models: fetched once, checked, and converted without running anything they contain."""
