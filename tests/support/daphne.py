"""`python -m tests.support.daphne`: the product under the alternative server."""

import os
import sys

from daphne.cli import CommandLineInterface

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

if __name__ == "__main__":
    place = ["-b", os.environ["HOST"], "-p", os.environ["PORT"]]
    CommandLineInterface().run([*place, "--no-server-name", "chatproject.asgi:application"])
    sys.exit()
