"""Every module of the standard library and of the installed packages through the reader of prompts in Python code.

`python_prompts.py [FOLDER ...]`: other folders of code instead. Prints what was read, refused and not folded, and the
slowest modules; a module that crashes the reader is named, and the exit code is 1.
"""

import collections
import sys
import sysconfig
import time
from pathlib import Path

from workbench import row

from promptctl.errors import InvalidPrompt
from promptctl.prompts.diff import diff, patch
from promptctl.prompts.formats import PromptText
from promptctl.prompts.formats.python_code import survey

# Found once workbench has said where the tests are.
from code_edits import edits_told, member_of  # isort: skip


def main(folders: list[Path]) -> int:
    counts: collections.Counter[str] = collections.Counter()
    reasons: collections.Counter[str] = collections.Counter()
    slow: list[tuple[float, str]] = []
    crashed: list[str] = []
    for path in sorted({file for folder in folders for file in folder.rglob("*.py") if file.is_file()}):
        counts["modules"] += 1
        started = time.perf_counter()
        try:
            _read(path, counts, reasons)
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            crashed.append(f"{path}: {type(error).__name__}: {error}")
        slow.append((time.perf_counter() - started, str(path)))
    for name, number in counts.items():
        row(name, f"{number:,}")
    for reason, number in reasons.most_common(12):
        row(f"  not folded: {reason[:36]}", number)
    for took, path in sorted(slow, reverse=True)[:5]:
        row(f"  {path[-50:]}", f"{took:.2f} s")
    row("seconds", f"{sum(took for took, _ in slow):.0f}")
    row("crashed", len(crashed))
    print(*crashed, sep="\n")
    return 1 if crashed else 0


def _read(path: Path, counts: collections.Counter[str], reasons: collections.Counter[str]) -> None:
    file = PromptText(path.stem, str(path), path.read_bytes())
    try:
        found = survey(file)
    except InvalidPrompt:
        counts["  refused: no Python of this version"] += 1
        return
    for problem in found.problems:
        counts["  named, not folded"] += 1
        reasons[problem.message.partition(": ")[2].partition("'")[0].strip()] += 1
    prompts = {member: member_of(file.data, member) for member in found.members}
    for member, prompt in prompts.items():
        counts["  prompts found"] += 1
        same = diff(prompt, prompt)
        if same.has_content or patch(prompt, same) != prompt:
            raise AssertionError(f"{member} differs from itself")
    for member, verdict in edits_told(file.data, prompts):
        counts[f"  {verdict}"] += 1
        if "WRONG" in verdict:
            print(f"{path}:{member}: {verdict}")


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    paths = sysconfig.get_paths()
    installed = [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
    sys.exit(main(given or [Path(paths["stdlib"]), Path(paths["purelib"]), *installed]))
