"""For the people who operate the server."""

from chatproject.config.setting import Setting
from chatproject.config.types import choice, contact, flag, items, text, url

SETTINGS = (
    Setting(
        name="SECURITY_CONTACT",
        type=contact("a mail address, or a mailto: or https: address"),
        default="",
        shown_default="mail to EMAIL_FROM",
        help="where to report weaknesses, shown at `/.well-known/security.txt`",
        at_runtime=True,
    ),
    Setting(
        name="LOG_LEVEL",
        type=choice("DEBUG", "INFO", "WARNING", "ERROR"),
        default="INFO",
        help="least important log messages that are written",
        at_runtime=True,
    ),
    Setting(
        name="MOTD",
        type=text("a line of up to 500 characters", most=500, may_be_empty=True),
        default="",
        help="message of the day: the client shows it to everybody under the list of chats, with "
        "its addresses as links, until they close it",
        at_runtime=True,
    ),
    Setting(
        name="CONFIG_LOCKED",
        type=items(
            "names of settings that change in the admin, or of rate limits (`limit.edits`), "
            "separated by commas; or `all`"
        ),
        default="",
        help="settings and rate limits that only the environment changes: what was set in the "
        "admin does not count",
    ),
    Setting(
        name="PLUGINS",
        type=items("names of installed plugins, separated by commas"),
        default="polls,reminders",
        help="plugins that are switched on, in the order in which they see messages; empty: none "
        "(docs/plugins.md)",
    ),
    Setting(
        name="LOG_FORMAT",
        type=choice("text", "json"),
        default="text",
        help="form of the lines of the log; `json` has the ids of requests, connections and "
        "messages as fields",
    ),
    Setting(
        name="OTEL_EXPORTER_OTLP_ENDPOINT",
        type=url("an address, http: or https:", "http", "https"),
        default="",
        help="where traces are sent (OTLP over HTTP); without it none are made. The other standard "
        "`OTEL_*` variables count, too",
    ),
    Setting(
        name="TRACES_CONTINUE",
        type=flag(),
        default="false",
        help="`true`: a request continues the trace of its `traceparent`. Only where a proxy "
        "removes or replaces that of strangers, who would decide what is traced",
    ),
    Setting(
        name="DEBUG",
        type=flag(),
        default="false",
        help="`true` only while developing",
        in_compose=False,
    ),
)
