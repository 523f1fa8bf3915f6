"""Which tasks beat starts how often, and which queues they wait in."""

from typing import Any


def every(seconds: int, task: str, *, may_wait: bool = False) -> dict[str, Any]:
    """An entry of the schedule. A run that still waits when the next one is due is dropped, unless
    it `may_wait`, because it is rare or deletes what nobody sees."""
    entry: dict[str, Any] = {"task": f"apps.{task}", "schedule": float(seconds)}
    return entry if may_wait else entry | {"options": {"expires": seconds}}


SCHEDULE = {
    "index-messages": every(20, "chats.tasks.index_messages"),
    "index-links": every(60, "chats.tasks.index_links"),
    "send-scheduled": every(5, "chats.tasks.send_scheduled"),
    "end-undecided": every(60, "chats.tasks.end_undecided"),
    "count-messages": every(60, "chats.tasks.count_messages"),
    "remove-made-up-people": every(600, "chats.tasks.remove_made_up_people"),
    "link-previews": every(10, "chats.tasks.fetch_previews"),
    "push": every(2, "notifications.tasks.push"),
    "send-digests": every(20, "notifications.tasks.send_digests"),
    "plan-digests": every(300, "notifications.tasks.plan_digests"),
    "send-webhooks": every(1, "integrations.tasks.send_webhooks"),
    "tell-webhook-owners": every(10, "integrations.tasks.tell_webhook_owners"),
    "forget-webhook-log": every(3600, "integrations.tasks.forget_webhook_log", may_wait=True),
    "forget-pushes": every(3600, "notifications.tasks.forget_pushes", may_wait=True),
    "clear-sessions": every(3600, "accounts.tasks.clear_expired_sessions", may_wait=True),
    "forget-endings": every(3600, "accounts.tasks.forget_endings", may_wait=True),
    "make-exports": every(10, "accounts.tasks.make_exports"),
    "delete-exports": every(60, "accounts.tasks.delete_expired_exports", may_wait=True),
    "delete-old-export-files": every(3600, "accounts.tasks.delete_old_export_files", may_wait=True),
    "process-files": every(5, "files.tasks.process_files"),
    "delete-unused-files": every(60, "files.tasks.delete_unused_files"),
    # The task itself counts once an hour; it goes on here with a count that takes several runs.
    "count-storage": every(60, "files.tasks.count_storage"),
    "erase-accounts": every(10, "accounts.tasks.erase_accounts"),
    "lift-suspensions": every(20, "moderation.tasks.lift_expired_suspensions"),
    "delete-evidence": every(3600, "moderation.tasks.delete_old_evidence", may_wait=True),
    "delete-old-messages": every(3600, "retention.tasks.delete_old_messages", may_wait=True),
    "go-on-deleting": every(20, "retention.tasks.go_on_deleting"),
    "tell-of-readings": every(60, "moderation.tasks.tell_of_readings"),
    "check-sso-sessions": every(10, "sso.tasks.check_sessions"),
    "follow-provider-pictures": every(10, "sso.tasks.follow_pictures"),
    "follow-presences": every(20, "graph.tasks.follow_presences"),
    "keep-subscriptions": every(30, "graph.tasks.keep_subscriptions"),
    "apply-notifications": every(5, "graph.tasks.apply_notifications"),
    "clear-idempotency-keys": every(3600, "wire.tasks.clear_keys", may_wait=True),
    "clear-sso-sessions": every(60, "sso.tasks.clear_sessions", may_wait=True),
    "post-commands": every(2, "integrations.tasks.post_commands"),
    "forget-answers": every(600, "integrations.tasks.forget_answers", may_wait=True),
    "start-due-backups": every(60, "backups.tasks.start_due"),
    "delete-drill-files": every(3600, "backups.tasks.delete_drill_files", may_wait=True),
}
# Pushes and files have queues and workers of their own, so tasks do not delay each other.
ROUTES = {
    "apps.notifications.tasks.*": {"queue": "push"},
    # They wait for hosts outside, as pushes do, each in a thread of its own of the same worker.
    "apps.integrations.tasks.send_webhooks": {"queue": "push"},
    "apps.integrations.tasks.post_commands": {"queue": "push"},
    # They wait for the storage, processors or the mail server; messages that are due must not wait
    # for them.
    "apps.notifications.tasks.send_digests": {"queue": "files"},
    "apps.integrations.tasks.tell_webhook_owners": {"queue": "files"},
    "apps.files.tasks.*": {"queue": "files"},
    "apps.backups.tasks.*": {"queue": "files"},
    "apps.sso.tasks.follow_pictures": {"queue": "files"},
    "apps.graph.tasks.*": {"queue": "files"},
    "apps.accounts.tasks.make_exports": {"queue": "files"},
    "apps.accounts.tasks.delete_expired_exports": {"queue": "files"},
    "apps.accounts.tasks.delete_old_export_files": {"queue": "files"},
}
