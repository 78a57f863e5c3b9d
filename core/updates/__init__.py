"""A new version of the program beside the old one, and what it does with the data of the old one."""
