#!/usr/bin/env python
"""Parley's command line; `manage.py help` lists the commands."""

import os
import sys

from chatproject.config import environment
from chatproject.run import embedded_defaults
from chatproject.run.errors import StartupError


def main() -> None:
    """Run one management command with the configured (or the embedded) stores."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    # No time limit for migrations and imports.
    environment.set_default("DATABASE_TIMEOUT", "0", source="manage.py")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        embedded_defaults.apply()
        execute_from_command_line(sys.argv)
    except (StartupError, ImproperlyConfigured) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
