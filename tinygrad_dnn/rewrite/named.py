"""Functions written out in NumPy, by the names that they have.

A plain program then derives, draws and compiles as one that calls the library's functions.
"""

from ..ops.kinks import choose
from ..ops.shapes import transpose_
from .cancel import no_choice, transposed_twice
from .matching import Rules
from .sigmoids import sigmoids
from .softmaxes import softmaxes

named = Rules().including(sigmoids).including(softmaxes)
named.on(choose)(no_choice)
named.on(transpose_)(transposed_twice)
