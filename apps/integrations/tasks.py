"""Celery tasks of integrations. Each only looks for due work."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.core.task_wakeup import SLOT_S
from apps.integrations.actions import calls, incoming, notes, outgoing_log, outgoing_notices
from apps.integrations.actions.outgoing_sender import WebhookSender, wake


@shared_task
@background_task
def send_webhooks() -> None:
    """Send the events of outgoing webhooks that are due. Each process has one sender."""
    sender = WebhookSender()
    sender.run()
    if sender.unfinished:
        # Not at once: a run that begins before this one has returned does nothing.
        wake.after(SLOT_S)


@shared_task
@background_task
def tell_webhook_owners() -> None:
    """Write to the owners of outgoing webhooks that were given up. Not a part of sending: the mail
    host may hang."""
    outgoing_notices.tell_owners()


@shared_task
@background_task
def post_commands() -> None:
    """Post runs of commands to the servers that answer them. One pass at a time: servers can be
    slow, and the other tasks of the queue have threads of their own."""
    if calls.post_due():
        # Those that came during this run: their own wake-ups found this run.
        calls.wake.after(SLOT_S)


@shared_task
@background_task
def forget_webhook_log() -> None:
    """Delete what is older than the log of webhooks is kept."""
    outgoing_log.delete_old()


@shared_task
@background_task
def forget_answers() -> None:
    """Delete answers and runs of commands whose day is over, and webhooks whose bot is gone."""
    notes.forget_old()
    calls.delete_old()
    incoming.delete_ended()
