"""Bytecode: the names that a function looks up, and the code that is not looked into."""

import dis
import re
import sys
import sysconfig
from functools import cache
from types import CodeType, ModuleType
from typing import NamedTuple

_KINDS = {
    **dict.fromkeys(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"), "variables"),
    **dict.fromkeys(("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"), "attributes"),
    "IMPORT_NAME": "modules",
    "MATCH_CLASS": "patterns",
}
_ATTRIBUTES_BY_STRING = {"getattr", "hasattr", "attrgetter", "methodcaller", "__getattribute__"}
_ANY_ATTRIBUTE = {"vars", "__dict__", "asdict", "astuple", "model_dump"}
_VARIABLES_BY_STRING = {"globals", "vars", "eval", "exec"}
_JIT = __name__.rpartition(".")[0]
_HERE = __name__.partition(".")[0]
_LIBRARIES = sys.stdlib_module_names | {_HERE, "numpy"}


class Names(NamedTuple):
    """Names that code looks up: a string only beside `getattr` or the like, or `globals` for a variable."""

    variables: set[str]  # global ones
    attributes: set[str]  # of any object
    optional: set[str]  # those of them that objects may lack, as `hasattr` asks
    modules: set[str]  # imported within the function
    any_attribute: bool  # the code may ask an object for all of its attributes


def names_in(code: CodeType) -> Names:
    """Return the names that a piece of code, and the functions within it, look up."""
    found: dict[str, set[str]] = {kind: set() for kind in _KINDS.values()}
    strings: set[str] = set()
    pieces = [code]
    for each in pieces:
        pieces += [constant for constant in each.co_consts if isinstance(constant, CodeType)]
        strings |= _words(each.co_consts)
        for instruction in dis.get_instructions(each):
            if instruction.opname in _KINDS:
                found[_KINDS[instruction.opname]].add(instruction.argval)
    variables, attributes = found["variables"], found["attributes"]
    asked = variables | attributes
    by_string = found["patterns"] or asked & (_ATTRIBUTES_BY_STRING | _ANY_ATTRIBUTE | _VARIABLES_BY_STRING)
    optional = strings if by_string else set()
    if asked & _VARIABLES_BY_STRING:
        variables |= strings
    return Names(variables, attributes | optional, optional, found["modules"], bool(asked & _ANY_ATTRIBUTE))


def _words(constant: object) -> set[str]:
    """Return the words in strings, also in tuples of them: ``eval("a * k")`` looks up a and k."""
    if isinstance(constant, (tuple, frozenset)):
        return set().union(*map(_words, constant))
    return set(re.findall(r"\w+", constant)) if isinstance(constant, str) else set()


@cache
def is_library(module: object) -> bool:
    """Return True for the name of a module of the standard library, of an installed package, or of this one."""
    top = str(module).partition(".")[0]
    path = getattr(sys.modules.get(top), "__file__", None) or ""
    return top in _LIBRARIES or path.startswith((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))


def has_closed_attributes(x: object) -> bool:
    """Return True for modules and classes of libraries, and objects of `jit`; a SimpleNamespace is a user's own."""
    if isinstance(x, ModuleType):
        return is_library(x.__name__)
    return is_library(x.__module__) if isinstance(x, type) else str(type(x).__module__).startswith(_JIT)
