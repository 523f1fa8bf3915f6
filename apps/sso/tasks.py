"""Periodic Celery tasks for single sign-on."""

from celery import shared_task
from django.conf import settings

from apps.core.background_tasks import background_task
from apps.sso.actions import pictures, poll


@shared_task
@background_task
def check_sessions() -> None:
    """End sessions that ended at the identity provider."""
    if settings.OIDC_ISSUER:
        poll.check_due()


@shared_task
@background_task
def clear_sessions() -> None:
    """Delete tokens that nothing needs any more, and end sessions that nothing checks."""
    poll.clear()


@shared_task
@background_task
def follow_pictures() -> None:
    """Bring the pictures of the identity provider into profiles."""
    pictures.follow_due()
