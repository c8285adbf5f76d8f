"""How it is shown: one view, many formats."""
