"""Content that travels as one signed file: models, adapters, libraries, retraction lists, the program."""
