"""Run the command as `python -m segvspers.cli`."""

from segvspers.cli import main

main()
