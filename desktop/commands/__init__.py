"""The command line: one module a group of commands, on the same core as the window."""
