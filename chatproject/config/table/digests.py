"""E-mail about what stayed unread."""

from chatproject.config.setting import Setting
from chatproject.config.types import choice, flag

SETTINGS = (
    Setting(
        name="DIGEST",
        type=choice("off", "daily", "weekdays", "weekly"),
        default="off",
        help="how often people with an e-mail address get a digest of what stayed unread, who "
        "choose nothing else: at 08:00 in their time zone, weekly on Mondays. Needs EMAIL_URL",
        at_runtime=True,
    ),
    Setting(
        name="DIGEST_TEXTS",
        type=flag(),
        default="true",
        help="`false`: digests say who wrote and how much, and quote no message",
        at_runtime=True,
    ),
)
