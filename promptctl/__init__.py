"""promptctl: what a prompt edit did to the behaviour, shown before the merge."""

__version__ = "0.1.0"
