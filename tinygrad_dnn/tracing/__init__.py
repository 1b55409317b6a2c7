"""Any NumPy program as a record: run unmodified on Tensors, named and placed as its source has it, and checked."""

from .lift import Lift, of_program
from .trace import Places, arguments_of, is_floating, named, path_of, site_of, trace

__all__ = ["Lift", "Places", "arguments_of", "is_floating", "named", "of_program", "path_of", "site_of", "trace"]
