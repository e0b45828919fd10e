"""The command line, one file a command; only ui.py prints."""
