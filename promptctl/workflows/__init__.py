"""One verb a module: gather, decide, act."""
