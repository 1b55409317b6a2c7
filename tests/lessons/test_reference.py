"""The pages of the reference: every public name has its place, and what they include links to pages that exist."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import tinygrad_dnn
from tinygrad_dnn import Tensor, dnn, referee
from tinygrad_dnn.dnn import data, manual, parameters

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "lessons" / "en" / "reference").glob("*.md"))
TEXTS = {page: page.read_text("utf-8") for page in PAGES}


MODULES = {
    "": tinygrad_dnn,
    "referee.": referee,
    "dnn.": dnn,
    "dnn.data.": data,
    "dnn.manual.": manual,
    "dnn.optimisers.": parameters,
}


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_a_page_and_an_example(module):
    pages = "\n".join(TEXTS.values())
    documented = set(re.findall(r"^\.\. [\w:]+:: tinygrad_dnn\.([\w.]+)", pages, re.M))
    exemplified = set(re.findall(r"\w+", "\n".join(re.findall(r"^ *(?:>>>|\.\.\.) .*|^tinygrad_dnn\.errors.*", pages, re.M))))
    for name in MODULES[module].__all__:
        if not inspect.ismodule(found := getattr(MODULES[module], name)):
            assert f"{module}{name}" in documented
            assert name in exemplified or ">>> " in found.__doc__, f"{module}{name} has no example"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_an_included_document_links_to_pages(page):
    for included in re.findall(r"^```\{include\} (\S+)", TEXTS[page], re.M):
        text = (page.parent / included).read_text("utf-8")
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{included} links to {link}"


ITEMS = re.compile(r"(\w[\w ]*)\n-{3,}\n")


def docstrings():
    """Yield every docstring of the package, with the place where it stands."""
    for path in sorted((ROOT / "tinygrad_dnn").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and (text := ast.get_docstring(node)):
                yield f"{path.relative_to(ROOT)}, {getattr(node, 'name', 'module')}", text


def test_sentences_stand_outside_lists_of_parameters():
    """A sentence after the list of parameters would be shown as one more of them."""
    found = []
    for place, text in docstrings():
        _, *sections = ITEMS.split(text)
        for head, body in zip(sections[::2], sections[1::2]):
            if head in ("Parameters", "Returns", "Raises", "Attributes", "Warns", "Yields"):
                items = re.findall(r"^\S.*", body, re.M)
                found += [f"{place}, {head}: {item}" for item in items if re.search(r"[.;]$| is raised ", item)]
    assert found == []


def test_help_tells_every_method_and_attribute_of_a_tensor():
    told = set(re.findall(r"\w+", Tensor.__doc__))
    kept = {"before", "cotangent_of", "shows", "statement", "views", "written"}  # of a node, for the engine
    for name in dir(Tensor(1.0)):
        if not name.startswith("_") and name not in told | kept:
            assert inspect.getdoc(inspect.getattr_static(Tensor, name)), name
