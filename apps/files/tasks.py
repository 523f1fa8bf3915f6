"""Celery tasks of files. Each only looks for due work, so a lost run does no harm."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.files.actions import deletion, processing, storage_use


@shared_task
@background_task
def process_files() -> None:
    """Process complete uploads."""
    processing.process_due()


@shared_task
@background_task
def delete_unused_files() -> None:
    """Delete files that nothing uses, and the objects of deleted ones."""
    deletion.delete_unused()


@shared_task
@background_task
def count_storage() -> None:
    """Count what is stored, for administrators."""
    storage_use.count_storage()
