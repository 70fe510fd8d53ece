"""Uploaded files: where they live, how they are signed and served, and their small pictures."""
