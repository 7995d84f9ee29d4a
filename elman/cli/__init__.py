"""The command line: `python -m elman`."""
