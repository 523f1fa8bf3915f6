"""Where backups are, how often they are made, and who can read them. docs/backup.md says more."""

from chatproject.config.setting import Setting
from chatproject.config.types import backup_place, items, number, server_url, text

SETTINGS = (
    Setting(
        name="BACKUP_TO",
        type=backup_place(),
        default="",
        shown_default="no backups by the server",
        help="where backups are: a folder, or `s3://bucket/prefix`. Better on another machine",
    ),
    Setting(
        name="BACKUP_HOURS",
        type=number(0, 8_760),
        default="24",
        help="hours between two backups; 0: only by `manage.py backup`",
    ),
    Setting(
        name="BACKUP_KEEP",
        type=number(1, 10_000),
        default="14",
        help="how many backups are kept; older ones are deleted",
    ),
    Setting(
        name="BACKUP_DRILL_DAYS",
        type=number(0, 365),
        default="7",
        help="days between two drills, in which the newest backup is restored for a test; 0: only "
        "by `manage.py backup drill`",
    ),
    Setting(
        name="BACKUP_RECIPIENTS",
        type=items("public keys of age (age1…), separated by commas"),
        default="",
        shown_default="not encrypted, and without the keys of the server",
        help="public keys of age to which backups are encrypted",
    ),
    Setting(
        name="BACKUP_IDENTITY",
        type=text("a private key of age (AGE-SECRET-KEY-1…)"),
        default="",
        shown_default="encrypted backups are not drilled by the server",
        help="private key of age with which drills read encrypted backups",
        secret=True,
        only_for=("files",),
    ),
    Setting(
        name="BACKUP_S3_ENDPOINT_URL",
        type=server_url("http(s)://host[:port]"),
        default="",
        shown_default="S3_ENDPOINT_URL",
        help="the S3 server of the backups",
    ),
    Setting(
        name="BACKUP_S3_ACCESS_KEY_ID",
        type=text("the id of a key"),
        default="",
        shown_default="S3_ACCESS_KEY_ID",
        help="key for the bucket of the backups",
    ),
    Setting(
        name="BACKUP_S3_SECRET_ACCESS_KEY",
        type=text("the secret of a key"),
        default="",
        shown_default="S3_SECRET_ACCESS_KEY",
        help="secret of that key",
        secret=True,
        only_for=("files",),
    ),
)
