"""The server process: its parts, its start and end, and the check of an installation."""
