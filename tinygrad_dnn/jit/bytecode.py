"""Bytecode: the names that a function looks up, by what they are names of."""

import dis
import re
import sys
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import NamedTuple

_VARIABLES = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"}

_ATTRIBUTES_BY_STRING = {"getattr", "hasattr", "attrgetter", "methodcaller", "__getattribute__"}
_ANY_ATTRIBUTE = {"vars", "__dict__", "asdict", "astuple", "model_dump"}
_VARIABLES_BY_STRING = {"globals", "vars", "eval", "exec"}


class Names(NamedTuple):
    """Names that code looks up.

    A string is the name of an attribute only in code that has `getattr` or the like, and of a variable only in code
    that has `globals` or the like.

    Attributes
    ----------
    variables : set of str
        Global variables.
    attributes : set of str
        Attributes of any object.
    optional : set of str
        Those of them that objects may lack, as `hasattr` asks.
    modules : set of str
        Imported within the function.
    any_attribute : bool
        True where the code may ask an object for all of its attributes.
    """

    variables: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    any_attribute: bool = False

    def including(self, other: "Names") -> "Names":
        """Return the names that one or the other code looks up."""
        return Names(
            self.variables | other.variables,
            self.attributes | other.attributes,
            self.optional | other.optional,
            self.modules | other.modules,
            self.any_attribute or other.any_attribute,
        )

    def imported(self, package: str | None) -> Iterator[ModuleType]:
        """Return the modules that are imported in the function, which may belong to a package."""
        for name in sorted(self.modules):
            for path in (name, f"{package}.{name}"):
                if path in sys.modules:
                    yield sys.modules[path]


NOWHERE = Names()


def names_in(code: CodeType) -> Names:
    """Return the names that a piece of code, and the functions within it, look up.

    Examples
    --------
    >>> names = names_in((lambda p: p["W"] @ layer.weight).__code__)
    >>> sorted(names.variables), sorted(names.attributes)
    (['layer'], ['weight'])
    """
    variables: set[str] = set()
    attributes: set[str] = set()
    modules: set[str] = set()
    strings: set[str] = set()
    patterns = False
    for each in _codes(code):
        for instruction in dis.get_instructions(each):
            if instruction.opname in _VARIABLES:
                variables.add(instruction.argval)
            elif instruction.opname in _ATTRIBUTES:
                attributes.add(instruction.argval)
            elif instruction.opname == "IMPORT_NAME":
                modules.add(instruction.argval)
            patterns |= instruction.opname == "MATCH_CLASS"
        strings.update(_strings(each.co_consts))
    asked = variables | attributes
    by_string = patterns or asked & (_ATTRIBUTES_BY_STRING | _ANY_ATTRIBUTE | _VARIABLES_BY_STRING)
    optional = strings if by_string else set()
    if asked & _VARIABLES_BY_STRING:
        variables |= strings
    return Names(
        frozenset(variables),
        frozenset(attributes | optional),
        frozenset(optional),
        frozenset(modules),
        bool(asked & _ANY_ATTRIBUTE),
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _strings(constants: tuple[object, ...] | frozenset[object]) -> Iterator[str]:
    """Return the words in strings, also in tuples of them: ``eval("a * k")`` looks up a and k."""
    for constant in constants:
        if isinstance(constant, str):
            yield from re.findall(r"\w+", constant)
        elif isinstance(constant, (tuple, frozenset)):
            yield from _strings(constant)
