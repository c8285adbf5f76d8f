"""What the GitHub Action does: lint, replay the pull request, and tell it in one comment that is updated in place.

Standard library alone; it runs `promptctl` as anybody would. Everything comes from the environment: what GitHub sets,
and the action's inputs as ACTION_*. Its exit code is the replay's: a comment that cannot be written, a summary that
cannot be saved are warnings, and change nothing about the verdict.
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "<!-- promptctl: this comment is updated in place -->"
MOST = 65_536  # characters of a comment
MISSING = 3  # promptctl's exit code where it could not find out
PAID = (
    "Only recorded answers were used, since no provider's key is at hand here (a pull request from a fork gets none). "
    "A maintainer may start the paid part: run this workflow by hand, with the number of the pull request."
)


@dataclass(frozen=True)
class Job:
    """What is to be done: revisions, whether a provider may be asked, and where to tell it."""

    base: str
    head: str
    offline: bool
    args: tuple[str, ...]
    folder: Path
    repository: str
    pull_request: int | None
    comments: bool
    token: str
    api: str


def main(environ: Mapping[str, str]) -> int:
    """The exit code of the step."""
    try:
        job = job_of(environ)
    except ValueError as error:
        print(f"::error::promptctl: {error}")
        return 2
    if job is None:
        print("::notice::promptctl: nothing to compare with: neither a pull request nor a push to a known commit.")
        return 0
    job.folder.mkdir(parents=True, exist_ok=True)
    for left in job.folder.glob("report.*"):  # an earlier step's, which would be told as this one's
        left.unlink()
    lint = run(["lint", "--format", "github"])
    code = run(replay_command(job))
    if not (job.folder / "report.json").is_file():
        return code or lint  # nothing was replayed: what promptctl said stands in the log
    report = json.loads((job.folder / "report.json").read_text(encoding="utf-8"))
    body = comment_of(job, (job.folder / "report.md").read_text(encoding="utf-8"), incomplete=code == MISSING)
    append(environ.get("GITHUB_STEP_SUMMARY"), body)
    outputs = {"verdict": report["verdict"], "exit-code": code, "run": report["run"], "report": job.folder}
    append(environ.get("GITHUB_OUTPUT"), "".join(f"{name}={value}\n" for name, value in outputs.items()))
    if job.comments and job.pull_request is not None:
        tell(job, body)
    if job.offline and code == MISSING:
        print(f"::warning::promptctl: {PAID}")
        return lint
    return code or lint


def job_of(environ: Mapping[str, str]) -> Job | None:
    """The job, from GitHub's environment, its event and the action's inputs. None where nothing can be compared.

    Raises ValueError where `pull-request` is no number.
    """

    def given(name: str) -> str:
        return environ.get(f"ACTION_{name}", "").strip()

    event = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    pull = event.get("pull_request") or {}
    base = given("BASE") or pull.get("base", {}).get("sha") or event.get("before") or ""
    head = given("HEAD") or pull.get("head", {}).get("sha") or environ.get("GITHUB_SHA") or "HEAD"
    if not base.strip("0"):
        return None
    number = str(given("PULL_REQUEST") or pull.get("number") or "")
    if number and not (number.isascii() and number.isdigit()):
        raise ValueError(f"pull-request is {json.dumps(number)}, and must be the number of a pull request, such as 12.")
    return Job(
        base=base,
        head=head,
        offline=given("OFFLINE") == "true" or (given("OFFLINE") != "false" and not has_key(environ)),
        args=tuple(given("ARGS").split()),
        folder=Path(environ.get("RUNNER_TEMP", ".")) / "promptctl",
        repository=environ.get("GITHUB_REPOSITORY", ""),
        pull_request=int(number) if number else None,
        comments=given("COMMENT") != "false",
        token=given("TOKEN"),
        api=environ.get("GITHUB_API_URL", "https://api.github.com"),
    )


def has_key(environ: Mapping[str, str]) -> bool:
    """Whether a provider's key is at hand: a secret that is not there is an empty variable."""
    return any(value for name, value in environ.items() if name.endswith(("_API_KEY", "_AUTH_TOKEN", "_ACCESS_KEY")))


def replay_command(job: Job) -> list[str]:
    """A...B: settings, gates, providers and code come from the merge base, not from the pull request."""
    reports = [word for name in ("md", "html", "json", "xml") for word in ("-o", str(job.folder / f"report.{name}"))]
    offline = ["--offline"] if job.offline else []
    return ["replay", f"{job.base}...{job.head}", "--format", "github", *reports, *offline, *job.args]


def run(args: list[str]) -> int:
    """One promptctl command; what it prints is the step's log, where GitHub reads annotations from."""
    sys.stdout.flush()
    environ = {name: value for name, value in os.environ.items() if name != "ACTION_TOKEN"}
    return subprocess.run([sys.executable, "-P", "-m", "promptctl", *args], env=environ, check=False).returncode


def comment_of(job: Job, report: str, *, incomplete: bool) -> str:
    """The comment's text. The report is bounded by promptctl itself; what is added here must fit as well."""
    added = f"\n\n{PAID}\n" if job.offline and incomplete else "\n"
    room = MOST - len(MARK) - len(added) - 1
    return f"{MARK}\n{report[:room]}{added}"


def append(path: str | None, text: str) -> None:
    """Add to one of the files that GitHub reads after the step."""
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(f"::warning::promptctl: {path} cannot be written: {error.strerror}")


def tell(job: Job, body: str) -> None:
    """Write the one comment, or update it."""
    comments = f"{job.api}/repos/{job.repository}/issues/{job.pull_request}/comments"
    try:
        ours = next((one["id"] for one in listed(job, comments) if is_ours(one)), None)
        if ours is None:
            request(job, "POST", comments, {"body": body})
        else:
            request(job, "PATCH", f"{job.api}/repos/{job.repository}/issues/comments/{ours}", {"body": body})
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{error.code} {error.reason}" if isinstance(error, urllib.error.HTTPError) else str(error)
        print(f"::warning::promptctl: the comment could not be written ({reason}); the report is in the job's summary.")


def listed(job: Job, comments: str) -> Iterator[dict[str, Any]]:
    """All comments of the pull request, page after page."""
    for page in range(1, 101):
        found = request(job, "GET", f"{comments}?per_page=100&page={page}")
        yield from found
        if len(found) < 100:
            return


def is_ours(comment: Mapping[str, Any]) -> bool:
    """Whether a bot wrote it, with our mark in front: anybody can paste the mark into a comment of their own."""
    return str(comment["body"]).startswith(MARK) and comment["user"]["type"] == "Bot"


def request(job: Job, method: str, url: str, value: Mapping[str, Any] | None = None) -> Any:
    """One call of GitHub's API. Raises OSError where it fails, ValueError where the answer is no JSON."""
    data = None if value is None else json.dumps(value).encode()
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {job.token}",
        "Content-Type": "application/json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    asked = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - GitHub sets its address
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - see above
        return json.loads(answer.read())


if __name__ == "__main__":
    sys.exit(main(os.environ))
