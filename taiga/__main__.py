"""`python -m taiga` is the console program."""

from taiga.cli import main

if __name__ == "__main__":
    main(prog_name="taiga")
