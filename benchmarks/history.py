"""A real history of prompts: which versions are read, and whether the diff's laws hold for all that follow each other.

`history.py [BUNDLE]`: any git bundle or repository; by default ../shared/real/fabric-prompts.bundle.
"""

import sys
import tempfile
import time
from pathlib import Path

from workbench import row

# Found once workbench has said where the tests are.
from real_history import BUNDLE, clone, git, measured  # isort: skip


def main(bundle: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = clone(bundle, Path(folder))
        started = time.perf_counter()
        found = measured(repo)
        took = time.perf_counter() - started
        row("commits", git(repo, "rev-list", "--count", "--all").decode().strip())
    row("versions of files", found.versions)
    row("  read as prompts", found.prompts)
    for reason, places in sorted(found.refused.items()):
        row(f"  {reason[:48]}", len(places), places[0])
    row("pairs that follow each other", found.pairs)
    row("  that differ", found.changed)
    row("  that break a law", len(found.broken))
    for broken in found.broken[:20]:
        print("   ", broken)
    row("seconds", f"{took:.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLE)
