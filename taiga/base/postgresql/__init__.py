"""Django's way to PostgreSQL, with one thing done otherwise."""
