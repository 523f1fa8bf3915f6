"""Pushes to devices."""

from chatproject.config.setting import Setting
from chatproject.config.types import flag, hosts, mapping, number, text, url

SETTINGS = (
    Setting(
        name="VAPID_PRIVATE_KEY",
        type=text("a key that `manage.py vapidkey` prints"),
        default="",
        shown_default="`make run` creates one",
        help="signs push notifications. `manage.py vapidkey` creates one. Without it there are "
        "none; after a change every device has to subscribe again",
        secret=True,
    ),
    Setting(
        name="VAPID_CONTACT",
        type=url("a mailto: or https: address", "mailto", "https"),
        default="",
        shown_default="mail to EMAIL_FROM, with `.local` after a host of one name",
        help="`mailto:` or `https:` address at which push services reach you, with a full host "
        "name; the start refuses another",
    ),
    Setting(
        name="PUSH_AFTER",
        type=number(0, 3600),
        default="10",
        help="seconds that a message may stay unread before a push is sent, where people choose "
        "nothing else",
        at_runtime=True,
    ),
    Setting(
        name="PUSH_CONTENT",
        type=flag(),
        default="true",
        help="`false`: pushes contain neither sender nor text",
        at_runtime=True,
    ),
    Setting(
        name="PUSH_HOSTS",
        type=hosts(),
        default="fcm.googleapis.com,updates.push.services.mozilla.com,"
        ".push.services.mozilla.com,.notify.windows.com,.push.apple.com",
        shown_default="those of Chrome, Firefox, Edge, Safari",
        help="allowed push services; `.example.org` stands for all hosts below it",
    ),
    Setting(
        name="PUSH_LEDGER_DAYS",
        type=number(1, 3650),
        default="90",
        help="days after which records of notifications (to whom, of what, and why) are deleted",
        at_runtime=True,
    ),
    Setting(
        name="PUSH_GATEWAYS",
        type=mapping("name=dotted.path, separated by commas: fcm=my.package.Fcm"),
        default="",
        help="further gateways, as FCM or APNs with your own credentials: classes as in "
        "`apps/notifications/gateways/base.py`",
    ),
)
