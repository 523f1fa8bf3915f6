"""For the people who operate the server."""

from chatproject.config.setting import Setting
from chatproject.config.types import choice, contact, flag, url

SETTINGS = (
    Setting(
        name="SECURITY_CONTACT",
        type=contact("a mail address, or a mailto: or https: address"),
        default="",
        shown_default="mail to EMAIL_FROM",
        help="where to report weaknesses, shown at `/.well-known/security.txt`",
    ),
    Setting(
        name="LOG_LEVEL",
        type=choice("DEBUG", "INFO", "WARNING", "ERROR"),
        default="INFO",
        help="least important log messages that are written",
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
        name="DEBUG",
        type=flag(),
        default="false",
        help="`true` only while developing",
        in_compose=False,
    ),
)
