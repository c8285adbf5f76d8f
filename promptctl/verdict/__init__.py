"""What it means. Pure: numbers in, a decision out."""
