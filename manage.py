#!/usr/bin/env python
"""Parley's command line; `manage.py help` lists the commands."""

import os
import sys

from chatproject.run import embedded_defaults


def main() -> None:
    """Run one management command against the configured (or the embedded) parts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    # A migration or an import has all the time it needs.
    os.environ.setdefault("DATABASE_TIMEOUT", "0")
    embedded_defaults.apply()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
