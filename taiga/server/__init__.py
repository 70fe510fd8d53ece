"""The one process: what it is made of, how it starts and ends, and what may be wrong with it."""
