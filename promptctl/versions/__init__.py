"""Where versions come from: commits, the index, the working tree."""
