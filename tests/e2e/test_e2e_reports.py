"""Reports in every format, from the replay and from the store; a report that cannot be written changes no verdict."""

import csv
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from user_repository import prompt_text

FILES = ["r.json", "r.md", "r.xml", "r.csv", "r.sarif", "r.txt"]


@pytest.fixture
def broken(repo):
    """The edit makes the model answer wrongly: regressed, exit code 1."""
    repo.write(
        "prompts/support/triage.yaml",
        prompt_text(" ANSWER=nonsense").replace("{{ ticket }}", "{{ ticket[:6] }} ANSWER=x"),
    )
    return repo


def test_one_replay_writes_every_format(broken):
    files = [word for name in FILES for word in ("-o", name)]
    ran = broken.run("replay", "--format", "github", *files)

    assert ran.code == 1
    assert ran.out.startswith(
        "::error file=prompts/support/triage.yaml,line=3,endLine=3,title=support/triage%3A regressed::"
    )
    assert json.loads((broken.root / "r.json").read_text())["verdict"] == "regressed"
    assert "regressed" in (broken.root / "r.md").read_text().splitlines()[0]
    suite = ET.parse(broken.root / "r.xml").getroot()[0]
    assert (suite.get("name"), suite.get("failures")) == ("support/triage", "9")
    assert {row["status"] for row in csv.DictReader((broken.root / "r.csv").read_text().splitlines())} == {"regressed"}
    results = json.loads((broken.root / "r.sarif").read_text())["runs"][0]["results"]
    assert results[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "endLine": 3}
    assert "✗ support/triage" in (broken.root / "r.txt").read_text()


@pytest.mark.parametrize("name", ["terminal", "json", "markdown", "junit", "github", "sarif", "csv"])
def test_a_stored_run_comes_again_in_every_format(broken, name):
    first = broken.run("replay", "--format", name)

    again = broken.run("report", "--format", name)
    shown = broken.run(
        "runs", "show", json.loads(broken.run("report", "--format", "json").out)["run"], "--format", name
    )

    assert (0, first.out) == (again.code, again.out)
    assert (0, first.out) == (shown.code, shown.out)


def test_parquet_goes_to_a_file_and_to_a_pipe(broken):
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'promptctl-cli[parquet]'")
    broken.run("replay", "-o", "r.parquet")
    piped = subprocess.run(
        [sys.executable, "-m", "promptctl", "report", "--format", "parquet"],
        cwd=broken.root,
        env=broken.env,
        capture_output=True,
        check=True,
    )

    assert pq.read_table(broken.root / "r.parquet").num_rows == 8
    assert (broken.root / "r.parquet").read_bytes() == piped.stdout


def test_without_pyarrow_nothing_is_asked(broken, provider, monkeypatch):
    monkeypatch.setattr("promptctl.reports.formats.find_spec", lambda _: None)

    ran = broken.run("replay", "-o", "r.parquet")

    assert ran.code == 2
    assert ran.err == (
        "promptctl: parquet is written by pyarrow, which is not installed. "
        "Install it with: pip install 'promptctl-cli[parquet]'\n"
    )
    assert provider.stats()["calls"] == 0


@pytest.mark.parametrize("command", ["replay", "report", "diff", "lint"])
@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("prompts/report.md", "a prompt"),
        ("./prompts/support/../new.txt", "a prompt"),
        ("prompts/support/old.json", "a prompt"),
        ("prompts/support/triage.inputs.json", "inputs or recordings"),
    ],
)
def test_a_report_is_not_written_where_it_would_be_read(broken, provider, command, name, role):
    broken.write("prompts/support/old.json", json.dumps({"messages": [{"role": "user", "content": "x"}]}))
    before = {path: path.read_bytes() for path in broken.root.rglob("prompts/**/*") if path.is_file()}
    ran = broken.run(command, "-o", name)

    assert (2, "") == (ran.code, ran.out)
    hint = "Write it elsewhere, or under a name that begins with _."
    assert f"promptctl: {Path(name)}: would be read as {role}: it lies under `prompts:`. {hint}\n" == ran.err
    assert before == {path: path.read_bytes() for path in broken.root.rglob("prompts/**/*") if path.is_file()}
    assert provider.stats()["calls"] == 0


def test_a_report_may_stand_beside_prompts_where_nobody_reads_it(broken):
    files = ["prompts/_report.md", "prompts/r.html", "prompts/r.json", "README.md", "prompts/README.md"]
    ran = broken.run("replay", *(word for name in files for word in ("-o", name)))

    assert (1, [True] * 5) == (ran.code, [(broken.root / name).is_file() for name in files])
    assert 1 == len(broken.run("list", "--format", "json").json["prompts"])


def test_what_a_page_leaves_out_is_said(broken, monkeypatch):
    monkeypatch.setattr("promptctl.reports.html.data.MOST", 5)
    monkeypatch.setattr("promptctl.reports.html.page.MOST", 5)
    ran = broken.run("replay", "-o", "r.html")
    run = broken.run("runs", "list", "--format", "json").json["runs"][0]["run"]

    every = f"promptctl report {run} -o cases.csv"
    assert f"r.html: a page holds 5 cases, those that broke first; 3 are left out. `{every}` has them all." in ran.err
    assert (
        f"3 cases are not on this page, which holds 5, those that broke first; <code>{every}</code>"
        in (broken.root / "r.html").read_text()
    )


@pytest.mark.parametrize("command", [["report"], ["review", "--list"], ["replay", "--resume"]])
def test_why_a_run_is_gone_is_said(repo, command):
    repo.write(".promptctl/promptctl.db", b"no database")
    ran = repo.run(*command)

    assert 2 == ran.code
    assert ".promptctl/promptctl.db: was damaged. It is kept as promptctl.db.corrupt-1; 0 answers" in ran.err


def test_a_report_that_cannot_be_written_changes_no_verdict(broken):
    (broken.root / "full.md").symlink_to("/dev/full")
    (broken.root / "loop.csv").symlink_to("loop.csv")
    ran = broken.run("replay", "--format", "json", "-o", "full.md", "-o", "loop.csv", "-o", "r.xml")

    assert (1, 1, "regressed") == (ran.code, ran.json["exit_code"], ran.json["verdict"])
    lines = [line for line in ran.err.splitlines() if "cannot be written" in line]
    assert lines[0].startswith("promptctl: full.md: cannot be written: No space left on device. The verdict stands; ")
    assert f"`promptctl report {ran.json['run']} -o FILE` writes it again." in lines[0]
    assert lines[1].startswith("promptctl: loop.csv: cannot be written: ")
    assert (broken.root / "r.xml").is_file()
    assert broken.run("report", "-o", "full.md").code == 3


def test_a_full_stdout_changes_no_verdict(broken):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "promptctl", "replay"],
            cwd=broken.root,
            env=broken.env,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert "the report cannot be printed: No space left on device. The verdict stands; " in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--format", "junti"], "--format junti: unknown. Did you mean 'junit'?"),
        (["-o", "r.docx"], "-o r.docx: the extension '.docx' stands for no format."),
        (["-o", "absent/r.md"], "absent/r.md: there is no folder absent. Make it first."),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_asked(broken, provider, args, said):
    ran = broken.run("replay", *args)

    assert ran.code == 2
    assert said in ran.err
    assert provider.stats()["calls"] == 0


def test_a_run_that_is_gone_is_named(broken):
    broken.replay()
    run = broken.run("report", "--format", "json").json["run"]
    broken.run("runs", "rm", run)

    gone, none = broken.run("report", run), broken.run("report")

    assert (2, 2) == (gone.code, none.code)
    assert f"no run '{run}'. `promptctl runs list` shows the stored runs" in gone.err
    assert "no run is stored yet." in none.err


@pytest.mark.parametrize("name", ["terminal", "markdown", "csv", "junit", "json", "sarif"])
def test_an_answer_gives_the_runner_of_github_no_command(repo, name):
    answer = "fine\\n::set-output name=a::b\\n  ::error::x\\n##[add-mask]secret"
    repo.write(
        "prompts/support/triage.yaml", prompt_text(f" ANSWER={answer}").replace("{{ ticket }}", "x ::stop-commands::t")
    )
    case = {"id": "c", "vars": {"ticket": "::error::input\n::warning::y ##[error]z"}, "expected": "a\n::b"}
    repo.inputs("prompts/support/triage.inputs.jsonl", [case])

    ran = repo.run("replay", "-p", "support/triage", "--no-confirm", "--format", name, GITHUB_ACTIONS="true")
    plain = repo.run("report", "--format", name)

    assert not [line for line in ran.out.splitlines() if line.strip().startswith("::") or "##[" in line]
    if name in {"json", "sarif"}:
        assert json.loads(ran.out) == json.loads(plain.out)
    if name == "junit":
        assert ET.tostring(ET.fromstring(ran.out)) == ET.tostring(ET.fromstring(plain.out))


def test_a_run_outlives_the_answers_that_it_rests_on(broken):
    broken.replay()
    before = broken.run("report", "--format", "csv")
    pruned = broken.run("cache", "prune", "--older-than", "0s")

    after = broken.run("report", "--format", "csv")

    assert (0, 0) == (pruned.code, after.code)
    assert before.out == after.out
    assert broken.run("cache", "stats", "--format", "json").json["answers"] == 0


def test_a_page_of_a_real_run_opens_from_disk(broken):
    broken.run("replay", "-o", "r.html")
    page = (broken.root / "r.html").read_text(encoding="utf-8")

    assert page.startswith("<!doctype html>")
    assert "What changed in the prompt" in page
    assert "prompts/support/triage.yaml" in page
    assert '"t-000"' in page
