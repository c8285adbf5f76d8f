"""`python -m promptctl`."""

from promptctl.cli import main

if __name__ == "__main__":
    main()
