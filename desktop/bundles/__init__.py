"""The page of bundles: what travels as one signed file is looked at, installed, gone back from, removed."""
