"""Uploaded files: where they are stored, how they are signed and served, and their thumbnails."""
