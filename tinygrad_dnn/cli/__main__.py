"""``python -m tinygrad_dnn.cli``."""

from . import main

main()
