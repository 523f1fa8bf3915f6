"""Starts backups and drills that are due."""

import logging
import subprocess
import sys

from celery import shared_task
from django.conf import settings

from apps.backups.actions.drill import delete_leftovers
from apps.backups.gateways import sessions
from apps.backups.queries import newest
from apps.core.background_tasks import background_task

logger = logging.getLogger(__name__)


@shared_task
@background_task
def start_due() -> None:
    """Start a process for a backup or a drill that is due, unless one runs.

    They take longer than a task may. The process outlives this worker's threads; if it dies with
    the machine, the next run begins again. One that hangs loses its locks first.
    """
    if ended := sessions.end_overdue():
        logger.error("A backup or a drill hangs: %s of its sessions were ended.", ended)
    if (newest.is_backup_due() or newest.drill_due()) and not sessions.is_running():
        subprocess.Popen(
            [sys.executable, "manage.py", "backup", "due"],
            cwd=settings.BASE_DIR,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )


@shared_task
@background_task
def delete_drill_files() -> None:
    """Delete objects that a killed drill has left."""
    delete_leftovers()
