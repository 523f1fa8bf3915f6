"""Parley's own: notifications, limits, backups."""

from apps.wire.limits import MAX_FRAME_BYTES
from chatproject.settings.base import env
from chatproject.storage import backup_bucket

# Notifications
PUSH_AFTER: int = env["PUSH_AFTER"]
PUSH_CONTENT: bool = env["PUSH_CONTENT"]
PUSH_LEDGER_DAYS: int = env["PUSH_LEDGER_DAYS"]
VAPID_PRIVATE_KEY: str = env["VAPID_PRIVATE_KEY"]
VAPID_CONTACT: str = env["VAPID_CONTACT"]
PUSH_HOSTS: list[str] = env["PUSH_HOSTS"]
PUSH_GATEWAYS = {
    "webpush": "apps.notifications.gateways.webpush.WebPush",
    **env["PUSH_GATEWAYS"],
}
DIGEST: str = env["DIGEST"]
DIGEST_TEXTS: bool = env["DIGEST_TEXTS"]

# Limits
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_FRAME_BYTES
GROUP_SIZE: int = env["GROUP_SIZE"]
EMOJI_ADDED_BY: str = env["EMOJI_ADDED_BY"]
HISTORY_PAGE: int = env["HISTORY_PAGE"]
SENDS_PER_SECOND: int = env["SENDS_PER_SECOND"]
LIMITS_TIMES: int = env["LIMITS_TIMES"]
NEWCOMER_HOURS: int = env["NEWCOMER_HOURS"]
NEWCOMER_INVITATIONS: int = env["NEWCOMER_INVITATIONS"]
NEWCOMER_GROUPS: int = env["NEWCOMER_GROUPS"]
NEWCOMER_LINK_MESSAGES: int = env["NEWCOMER_LINK_MESSAGES"]
NEWCOMER_SSO: bool = env["NEWCOMER_SSO"]
CONNECTIONS_PER_PERSON: int = env["CONNECTIONS_PER_PERSON"]
# In any minute on average, and as a burst. Counted by each web process.
CONNECTS_PER_SESSION: int = env["CONNECTS_PER_SESSION"]
CONNECTS_PER_ADDRESS: int = env["CONNECTS_PER_ADDRESS"]
LINK_PREVIEWS: bool = env["LINK_PREVIEWS"]
EXTERNAL_COMMANDS: bool = env["EXTERNAL_COMMANDS"]
METRICS_TOKEN: str = env["METRICS_TOKEN"]
WORKER_METRICS_PORT: int = env["WORKER_METRICS_PORT"]
OUTGOING_WEBHOOKS: bool = env["OUTGOING_WEBHOOKS"]
OUTBOUND_ORIGINS: list[str] = env["OUTBOUND_ORIGINS"]

# Backups
BACKUP_TO: str = env["BACKUP_TO"]
BACKUP_HOURS: int = env["BACKUP_HOURS"]
BACKUP_KEEP: int = env["BACKUP_KEEP"]
BACKUP_DRILL_DAYS: int = env["BACKUP_DRILL_DAYS"]
BACKUP_RECIPIENTS: list[str] = env["BACKUP_RECIPIENTS"]
BACKUP_IDENTITY: str = env["BACKUP_IDENTITY"]
BACKUP_BUCKET = backup_bucket(env)
# What a backup has of the settings, and which database a drill is beside.
BACKUP_SETTINGS = "chatproject.config.environment.chosen"
DATABASE_URL: str = env["DATABASE_URL"]
