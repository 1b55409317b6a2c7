"""``python -m tinygrad_dnn``: the command."""

from .cli import main

main()
