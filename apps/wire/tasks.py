"""Celery tasks of the protocol."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.wire import idempotency


@shared_task
@background_task
def clear_keys() -> None:
    """Forget the responses of old idempotency keys."""
    idempotency.clear_keys()
