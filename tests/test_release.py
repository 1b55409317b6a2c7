"""A release: the version from one place, the addresses from where it is released, no file of others."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tinygrad_dnn

ROOT = Path(__file__).parents[1]
WORKFLOW = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")


@pytest.mark.skipif(shutil.which("bash") is None, reason="the workflow's shell is missing")
def test_the_release_gets_the_addresses_of_its_repository(tmp_path):
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    written, _, _ = (ROOT / "pyproject.toml").read_text("utf-8").partition("\n[project.urls]")  # there in a release
    (tmp_path / "pyproject.toml").write_text(written, "utf-8")
    [step] = re.findall(r"^      - run: \|\n((?: {10}.*\n)+)", WORKFLOW, re.MULTILINE)
    where = {"GITHUB_SERVER_URL": "https://example.org", "GITHUB_REPOSITORY": "a/b", "GITHUB_REF_NAME": "v1"}
    subprocess.run(["bash", "-c", step], cwd=tmp_path, env=os.environ | where, check=True)
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["urls"] == {
        "Source": "https://example.org/a/b",
        "Issues": "https://example.org/a/b/issues",
        "Changelog": "https://example.org/a/b/blob/v1/CHANGELOG.md",
    }


def test_the_version_stands_in_one_place():
    written = [
        path.name
        for path in (*ROOT.glob("*.*"), *(ROOT / "tinygrad_dnn").glob("*.py"))
        if path.is_file() and re.search(r"^\W*(?:__)?version(?:__)?\W* *[:=] *\W?\d", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert written == ["__init__.py"]
    done = subprocess.run([sys.executable, "-m", "tinygrad_dnn", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tinygrad-dnn", tinygrad_dnn.__version__]


def test_the_root_holds_no_package_of_others():
    assert [path.name for path in ROOT.iterdir() if path.suffix in (".whl", ".gz", ".zip")] == []
