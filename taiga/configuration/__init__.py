"""The settings of operators: the table of all of them, and how they are read."""
