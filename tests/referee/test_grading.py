"""Points, hints, rosters, the formats of graders, parts of a class and their merging."""

from __future__ import annotations

import contextlib
import csv
import fnmatch
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from benchmarks.referee_corpus import BASE
from benchmarks.referee_styles import notebook, plain
from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.referee.classroom import shard
from tinygrad_dnn.referee.classroom.pages import index, page, page_names
from tinygrad_dnn.referee.classroom.report import (
    Roster,
    as_csv,
    common_mistakes,
    graded,
    gradescope,
    hinted,
    summary,
    weights_of,
)
from tinygrad_dnn.referee.load import fingerprint
from tinygrad_dnn.referee.verdict import FunctionVerdict, Verdict

RIGHT = plain(BASE)
WRONG = plain(BASE | {"linear_backward": BASE["linear_backward"].replace("1 / m * np.sum", "np.sum").replace("/ m", "")})
SHEET = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (grade)","Feedback comments"\n'
    'Participant 101,"Ann Lee",ann@x.org,"Submitted for grading - ",,10.00,Yes,-,\n'
    "Participant 102,\u674e\u660e,li@x.org,Submitted,3.00,10.00,Yes,-,old\n"
    "Participant 1,Di No,di@x.org,No submission,,10.00,Yes,-,\n"
)


def wrong(name: str = "linear_backward", quantity: str = "db", cause: str = "missing-1/m") -> FunctionVerdict:
    return FunctionVerdict(
        name, "wrong", quantity, cause, "The factor 1/m is missing. Right: db = 1/m * x.", 1.0, 7,
        right_formula="db = 1/m * x", your_formula="db = x", source="db = x", found=[[1]], expected=[[0.4321]],
    )  # fmt: skip


def verdicts() -> list[Verdict]:
    one = wrong()
    right = Verdict("Ann Lee_101_assignsubmission_file_/hw.py", "right", [FunctionVerdict("linear_backward", "right")])
    return [right, Verdict("\u674e\u660e_102_assignsubmission_file_/hw.py", "wrong", [one], one)]


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    return result.exit_code, result.output


def test_points_and_their_weights() -> None:
    ann, li = (graded(verdict, {"linear_backward": 2.0, "relu": 1.0}) for verdict in verdicts())
    assert (ann.points, ann.max_points, li.points, li.max_points) == (2.0, 3.0, 0.0, 3.0)
    assert li.first_wrong is not None
    assert li.first_wrong.max_points == 2.0
    for text in ("linear_backward", "linear_backward=x", "=3", "a b=1", "relu=-1", "relu=nan"):
        with pytest.raises(ValueError, match="--points"):
            weights_of(text)


def test_hints_give_no_formula_away() -> None:
    shown = hinted(verdicts()[1])
    for text in (str(shown), page(shown), json.dumps(shown.to_json(), ensure_ascii=False)):
        assert "1/m * x" not in text
        assert "0.4321" not in text
    assert "db is wrong: the mean over the examples lacks its 1/m" in str(shown)
    assert "line 7: db = x" in str(shown)


def test_gradescopes_results_have_the_documented_form() -> None:
    results = gradescope([graded(verdict, {}) for verdict in verdicts()])
    allowed = {
        "score",
        "execution_time",
        "output",
        "visibility",
        "stdout_visibility",
        "extra_data",
        "tests",
        "leaderboard",
    }
    assert results.keys() <= allowed
    assert results["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
    assert results["score"] == sum(test["score"] for test in results["tests"]) == 1.0
    for test in results["tests"]:
        known = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags"}
        assert test.keys() <= known | {"visibility", "extra_data"}
        assert test["status"] in ("passed", "failed")
        assert 0 <= test["score"] <= test["max_score"]
    json.dumps(results, allow_nan=False)


def test_moodles_worksheet_comes_back_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(SHEET, encoding="utf-8")
    roster = Roster(path)
    rows = list(csv.DictReader(io.StringIO(roster.moodle([graded(verdict, {}) for verdict in verdicts()]))))
    before = list(csv.DictReader(io.StringIO(SHEET.lstrip("\ufeff"))))
    assert [row["Grade"] for row in rows] == ["10.00", "0.00", ""]
    assert "The factor 1/m is missing" in rows[1]["Feedback comments"]
    for old, new in zip(before, rows, strict=True):
        kept = {name: value for name, value in old.items() if name not in ("Grade", "Feedback comments")}
        assert kept.items() <= new.items()
    other = graded(Verdict("李明_102_assignsubmission_file_/hw.py", "not judged", not_judged={"f": "it uses JAX"}), {})
    left = list(csv.DictReader(io.StringIO(roster.moodle([other]))))[1]
    assert (left["Grade"], left["Feedback comments"]) == ("3.00", "not judged. not judged (it uses JAX): f.")
    assert "'-" not in as_csv([other], roster)
    mine = graded(Verdict("somebody/李明_102_assignsubmission_file_.py", "right", [FunctionVerdict("relu", "right")]), {})
    told = list(csv.DictReader(io.StringIO(roster.moodle([mine, other]))))[1]  # one of them would hide the other
    assert told["Grade"] == "3.00"
    assert told["Feedback comments"].startswith("Several submissions fit, of which one may bear a wrong name: somebody/")
    path.write_text("id,name\n1,Ann\n")
    with pytest.raises(ValueError, match=r"Moodle's grading worksheet.*Feedback comments, Grade, Identifier"):
        Roster(path).moodle([])
    path.write_text("id\n")
    with pytest.raises(ValueError, match="has no students"):
        Roster(path)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("class/Ann Lee_101_assignsubmission_file_/a.ipynb", "Ann Lee"),
        ("class/ann-lee.py", "Ann Lee"),
        ("class/ann@x.org/hw.py", "Ann Lee"),
        ("submitted/\u674e\u660e/ps1/hw.ipynb", "\u674e\u660e"),
        ("class/102.py", "\u674e\u660e"),
        ("class/1020.py", None),
        ("class/annlee.py", None),
        ("class/101_102.py", None),
    ],
)
def test_whose_submission_it_is(tmp_path: Path, path: str, owner: str | None) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    student = Roster(sheet).student_of(path)
    assert (student and student["Full name"]) == owner


def test_a_column_for_each_function_and_a_row_for_each_student(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(as_csv([graded(v, {}) for v in verdicts()], Roster(sheet)))))
    assert [(row["Full name"], row["verdict"], row["linear_backward"], row["points"]) for row in rows] == [
        ("Ann Lee", "right", "right", "1.0"),
        ("\u674e\u660e", "wrong", "wrong", "0.0"),
        ("Di No", "no submission", "", ""),
    ]


def test_a_class_is_grouped_by_mistake() -> None:
    raising = FunctionVerdict(
        "relu",
        "crashed",
        cause="exception",
        message="relu raises an error: NameError: name 'z'.",
        source="A = max(0, z)",
    )
    twice = [Verdict(f"{name}.py", "crashed", [raising], raising) for name in "ab"]
    made = common_mistakes([*twice, verdicts()[1]])
    assert [(name, mistake, len(who)) for name, mistake, who in made] == [
        ("relu", "exception: NameError: A = max(0, z)", 2),
        ("linear_backward", "db: missing-1/m", 1),
    ]
    shown = index([graded(v, {}) for v in twice], page_names(["a.py", "b.py"]))
    assert re.findall(r'<a href="(\w\.py)\.html">\d', shown) == ["a.py", "b.py"]
    assert "0 of 1" in shown
    assert '<a href="index.html">' in page(twice[0])


def test_the_same_code_is_judged_once_and_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(notebook(BASE))
    cells = json.loads(notebook(BASE))
    for cell in cells["cells"]:
        cell["outputs"] = [{"text": "other"}]
    (tmp_path / "b.ipynb").write_text(json.dumps(cells))
    (tmp_path / "c.py").write_text(RIGHT)
    table = tmp_path / "grades.csv"
    status, output = run("check", tmp_path, "--csv", table, "--jsonl", tmp_path / "all.jsonl")
    assert status == 0
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [Path(row["same_as"]).name for row in rows] == ["", "a.ipynb", ""]
    assert f"the same code as {tmp_path / 'a.ipynb'}: 1 more" in output
    assert "3 submissions: 3 right" in run("merge", tmp_path / "all.jsonl")[1]


def test_parts_of_a_class_make_the_whole(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for n in range(5):
        (folder / f"{n}.py").write_text(f"# {n}\n" + (WRONG if n % 2 else RIGHT))
    paths = sorted(folder.iterdir())
    parts = [shard(paths, f"{i}/3") for i in (1, 2, 3)]
    assert sorted(path for part in parts for path in part) == paths
    for bad in ("0/3", "4/3", "x", "1/0"):
        with pytest.raises(ValueError, match="--shard"):
            shard(paths, bad)
    for i in (1, 2, 3):
        run("check", folder, "--shard", f"{i}/3", "--jsonl", tmp_path / f"{i}.jsonl", "--seed", "s")
    together = tmp_path / "all.jsonl"
    together.write_bytes(b"".join((tmp_path / f"{i}.jsonl").read_bytes() for i in (3, 1, 2) if (tmp_path / f"{i}.jsonl").exists()))
    whole = json.loads(run("check", folder, "--seed", "s", "--json")[1])
    status, output = run("merge", together, "--json", "--csv", tmp_path / "g.csv")
    assert status == 1
    assert json.loads(output) == whole
    assert run("merge", tmp_path / "g.csv")[0] == 2


PAGE = Path(__file__).parents[2] / "docs" / "grading.md"
THOUSANDS = PAGE.read_text("utf-8").split("## Thousands")[1]
FEW = {"1-8": "1-2", "seq 8": "seq 2", "/8": "/2", "[1, 2, 3, 4, 5, 6, 7, 8]": "[1, 2]"}
"""Two parts instead of eight."""

TOOLS = {
    "tinygrad-dnn": 'exec "$PYTHON" -m tinygrad_dnn "$@"',
    "parallel": 'line=$1; shift 2; for i; do sh -c "$(echo "$line" | sed "s/{}/$i/g")"; done',
    "sbatch": """
        for given; do
            case $given in
                --array=1-*) last=${given##*-};;
                --dependency=afterany:7) test -e part-1.jsonl -o -e part-2.jsonl || exit 1;;
                --parsable) echo 7;;
            esac
        done
        for SLURM_ARRAY_TASK_ID in $(seq ${last:-1}); do export SLURM_ARRAY_TASK_ID; sh -c "$given" >> slurm.out; done
        true""",
    "pip": 'test "$*" = "install tinygrad-dnn[cli]"',
    "sudo": 'test "$1" = apt-get -o "$1" = sysctl',
}
"""What the recipes call: the command, and stand-ins that run a part after the other."""


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., None]:
    """Run a recipe in a folder as its scheduler does, in a shell that stops at the first error."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, script in TOOLS.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    where = {"PATH": f"{tools}:{os.environ['PATH']}", "PYTHON": sys.executable, "SECRET": "s"}

    def run_there(script: str, folder: Path) -> None:
        for eight, two in FEW.items():
            script = script.replace(eight, two)
        # merge and parallel end with 1 where a submission is wrong
        ended = subprocess.run(["bash", "-c", script], cwd=folder, env=os.environ | where, capture_output=True, text=True)
        assert ended.returncode in (0, 1), ended.stderr

    return run_there


def a_class_in(folder: Path, size: int) -> list[tuple[str, str]]:
    """Write submissions into a folder, every other one of them right; return their names and verdicts."""
    (folder / "submissions").mkdir(parents=True)
    for n in range(size):
        (folder / "submissions" / f"{n}.py").write_text(f"# {n}\n" + (WRONG if n % 2 else RIGHT))
    return [(f"{n}.py", "wrong" if n % 2 else "right") for n in range(size)]


def judged_in(grades: Path) -> list[tuple[str, str]]:
    return sorted((Path(row["path"]).name, row["verdict"]) for row in csv.DictReader(io.StringIO(grades.read_text())))


@pytest.mark.parametrize("tool", ["parallel", "sbatch"])
def test_the_recipes_for_schedulers_judge_a_class(tool: str, tmp_path: Path, shell: Callable[..., None]) -> None:
    [recipe] = [block for block in re.findall(r"```sh\n(.*?)```", THOUSANDS, re.DOTALL) if tool in block]
    whole = a_class_in(tmp_path / "class", 2)
    shell(recipe, tmp_path / "class")
    assert judged_in(tmp_path / "class" / "grades.csv") == whole


def test_the_workflow_judges_a_class(tmp_path: Path, shell: Callable[..., None]) -> None:
    [recipe] = re.findall(r"```yaml\n(.*?)```", THOUSANDS, re.DOTALL)
    jobs, kept = yaml.safe_load(recipe)["jobs"], dict[str, list[Path]]()
    whole = a_class_in(tmp_path / "class", 2)
    assert jobs["grades"]["needs"] == "judge"
    for number, (job, part) in enumerate([("judge", 1), ("judge", 2), ("grades", 0)]):
        folder = tmp_path / str(number)  # each job has a machine of its own
        folder.mkdir()
        for step in yaml.safe_load(json.dumps(jobs[job]["steps"]).replace("${{ matrix.part }}", str(part))):
            action, options = step.get("uses", "").partition("@")[0], step.get("with", {})
            if action == "actions/checkout":
                shutil.copytree(tmp_path / "class", folder, dirs_exist_ok=True)
            elif action == "actions/upload-artifact":
                kept[options["name"]] = list(folder.glob(options["path"]))
            elif action == "actions/download-artifact":
                for name in fnmatch.filter(kept, options["pattern"]):
                    for path in kept[name]:
                        shutil.copy(path, folder)
            else:
                shell(step["run"], folder)
    [grades] = kept["grades"]
    assert judged_in(grades) == whole


@pytest.mark.filterwarnings("ignore")  # of a cluster that starts on a busy machine, and stops
def test_the_recipe_for_dask_judges_a_class_on_two_workers(tmp_path: Path) -> None:
    from dask.distributed import Client, LocalCluster

    recipe: dict[str, Any] = {"__name__": "__main__"}
    exec(THOUSANDS.split("```python\n")[-1].split("```")[0], recipe)
    a_class_in(tmp_path, 4)
    whole = json.loads(run("check", tmp_path / "submissions", "--seed", "s", "--json")[1])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        lines = recipe["a_class"](client, str(tmp_path / "submissions"), "s", 3)
        with pytest.raises(RuntimeError, match=r"part 1 was not judged: .*does not exist"):
            recipe["a_class"](client, str(tmp_path / "nowhere"), "s", 1)
    (tmp_path / "class.jsonl").write_text(lines, "utf-8")
    assert json.loads(run("merge", tmp_path / "class.jsonl", "--json")[1]) == whole
    assert len(whole) == 4


def test_a_part_that_was_killed_goes_on(tmp_path: Path) -> None:
    """No handler runs: what was judged stands in the file of the part, whole or with half a line at its end."""
    a_class_in(tmp_path, 3)
    whole = json.loads(run("check", tmp_path / "submissions", "--seed", "s", "--json")[1])
    part = tmp_path / "part.jsonl"
    options = ["--shard", "1/1", "--jsonl", part, "--seed", "s"]
    command = [sys.executable, "-m", "tinygrad_dnn", "check", tmp_path / "submissions", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while not (part.exists() and part.read_text().count("\n")):
            assert running.poll() is None
            time.sleep(0.01)
        running.kill()
    first = part.read_text().splitlines()[0]
    part.write_text(f"{first}\n{first[:50]}")
    found = json.loads(run("check", tmp_path / "submissions", *options, "--json")[1])
    assert found == whole
    lines = part.read_text().splitlines()
    assert (lines[:2], len(lines)) == ([first, first[:50]], 4), "the first is not judged again"
    assert json.loads(run("merge", part, "--json")[1]) == whole


def test_a_run_goes_on_with_files_that_were_moved(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(RIGHT)
    run("check", tmp_path / "a.py", "--jsonl", tmp_path / "r.jsonl", "--seed", "s")
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    status, output = run("check", tmp_path / "b.py", "--jsonl", tmp_path / "r.jsonl", "--json")
    assert (status, json.loads(output)[0]["path"]) == (0, str(tmp_path / "b.py"))
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 2
    assert fingerprint(tmp_path / "b.py") != fingerprint(tmp_path / "r.jsonl")


@pytest.mark.parametrize("option", [("--csv", "grades.csv", "grades.csv.partial"), ("--jsonl", "r.jsonl", "r.jsonl")])
def test_a_record_that_a_submission_may_have_brought_is_not_believed(tmp_path: Path, option: tuple[str, ...]) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "a.py").write_text(RIGHT)
    run("check", folder, "--jsonl", tmp_path / "forged.jsonl")
    (folder / "a.py").write_text(WRONG)
    name, out, record = option
    (tmp_path / "forged.jsonl").rename(folder / record)
    status, output = run("check", folder, name, folder / out)
    assert status == 2
    assert "lies among the submissions" in output.replace("\n", " ")
    assert run("check", folder, name, tmp_path / out)[0] == 1


def test_only_what_is_asked_for_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "hw.py"
    path.write_text(WRONG)
    names = ["--only", "relu", "--only", "linear_forward"]
    status, output = run("check", path, *names, "--json", "--gradescope", tmp_path / "results.json")
    (entry,) = json.loads(output)
    assert status == 0
    assert [function["name"] for function in entry["functions"]] == ["relu", "linear_forward"]
    assert json.loads((tmp_path / "results.json").read_text())["score"] == 2.0
    assert run("check", path, "--only", "linear_backward")[0] == 1
    status, output = run("check", path, "--only", "propagate")
    assert (status, "not defined: propagate" in output) == (1, True)


def test_options_that_do_not_fit_are_refused_before_anything_is_judged(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(RIGHT)
    for options in (["--points", "x"], ["--shard", "3/2"], ["--moodle", "m.csv"], ["--students", "nowhere.csv"]):
        assert run("check", tmp_path / "a.py", *options)[0] == 2


def test_one_submission_is_one() -> None:
    assert summary(verdicts()[:1]).startswith("1 submission: 1 right")


def test_the_lines_that_graders_need_run(tmp_path: Path) -> None:
    text = Path(__file__).parents[2].joinpath("docs", "grading.md").read_text().split("## Thousands")[0]
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for source, passes in ((RIGHT, contextlib.nullcontext()), (WRONG, pytest.raises(AssertionError, match="1/m"))):
        path = tmp_path / f"homework{len(source)}.py"
        path.write_text(source)
        namespace = {"__name__": "homework", "__file__": str(path)}
        exec(compile(source, str(path), "exec"), namespace)
        for block in blocks:
            with passes:
                exec(block, namespace)
