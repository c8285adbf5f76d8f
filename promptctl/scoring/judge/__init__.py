"""Assertions that a model judges: what it is asked, and what its replies mean. Nobody is asked here."""
