"""`python -m escalation` prints what happens when, as one table."""

from .table import table

if __name__ == "__main__":
    print(table(), end="")
