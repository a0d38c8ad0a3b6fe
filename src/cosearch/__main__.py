"""`python -m cosearch` is the command `cosearch`."""

from cosearch.cli import main

main()
