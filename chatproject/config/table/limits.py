"""Limits of what people and programs may do."""

from chatproject.config.setting import Setting
from chatproject.config.types import choice, flag, items, number, server_url, text

SETTINGS = (
    Setting(
        name="GROUP_SIZE",
        type=number(2, 10_000),
        default="100",
        help="most members of a group",
        at_runtime=True,
    ),
    Setting(
        name="EMOJI_ADDED_BY",
        type=choice("everyone", "moderators"),
        default="everyone",
        help="who may add custom emoji: `everyone`: up to 100 a person; `moderators`: they alone",
        at_runtime=True,
    ),
    Setting(
        name="SENDS_PER_SECOND",
        type=number(1, 100_000),
        default="20",
        help="messages a second that one person may send through one process, on average",
        at_runtime=True,
    ),
    Setting(
        name="LIMITS_TIMES",
        type=number(1, 10_000),
        default="1",
        help="multiplies the limits of a person, except of sends and typing",
        at_runtime=True,
    ),
    Setting(
        name="NEWCOMER_HOURS",
        type=number(0, 720),
        default="24",
        help="hours in which a new account is limited by the other NEWCOMER settings; 0: none is. "
        "Staff are not limited",
        at_runtime=True,
    ),
    Setting(
        name="NEWCOMER_INVITATIONS",
        type=number(1, 10_000),
        default="20",
        help="people whom a new account may invite as contacts, and invite links of groups that it "
        "may make, together",
        at_runtime=True,
    ),
    Setting(
        name="NEWCOMER_GROUPS",
        type=number(1, 10_000),
        default="5",
        help="groups that a new account may make",
        at_runtime=True,
    ),
    Setting(
        name="NEWCOMER_LINK_MESSAGES",
        type=number(1, 10_000),
        default="20",
        help="messages with links that a new account may send through one process",
        at_runtime=True,
    ),
    Setting(
        name="NEWCOMER_SSO",
        type=flag(),
        default="false",
        help="`true`: the NEWCOMER settings limit people of the identity provider or the "
        "directory, too",
        at_runtime=True,
    ),
    Setting(
        name="CONNECTIONS_PER_PERSON",
        type=number(1, 10_000),
        default="30",
        help="connections of all kinds that a person may have in one web process; the next is "
        "closed with 4429, or refused with 429",
        at_runtime=True,
    ),
    Setting(
        name="CONNECTS_PER_SESSION",
        type=number(10, 100_000),
        default="600",
        help="connections a minute that one session may open in one web process",
        at_runtime=True,
    ),
    Setting(
        name="CONNECTS_PER_ADDRESS",
        type=number(10, 10_000_000),
        default="6000",
        help="connections a minute that one address may open in one web process (commands posted "
        "by unknown sessions count, too), before the database is asked for the session. The "
        "default lets an office of 500 behind one address reconnect at once, with several devices "
        "each. Addresses of this machine are not counted. Behind a proxy that TRUSTED_PROXIES "
        "does not name, everybody has its address",
        at_runtime=True,
    ),
    Setting(
        name="HISTORY_PAGE",
        type=number(1, 500),
        default="100",
        help="most messages in one page of history",
        at_runtime=True,
    ),
    Setting(
        name="METRICS_TOKEN",
        type=text("a long random string"),
        default="",
        shown_default="only this machine may read it, with https nobody",
        help="token with which programs on other machines read `/metrics`",
        secret=True,
    ),
    Setting(
        name="WORKER_METRICS_PORT",
        type=number(0, 65_535),
        default="0",
        shown_default="none",
        help="port at which a worker has the metrics that it counts, at HOST and `/metrics`, for "
        "programs with METRICS_TOKEN; for workers that share no folder of counters with a web "
        "process",
        in_compose=False,
    ),
    Setting(
        name="LINK_PREVIEWS",
        type=flag(),
        default="true",
        help="`false`: workers never fetch pages that people link to",
        at_runtime=True,
    ),
    Setting(
        name="OUTGOING_WEBHOOKS",
        type=flag(),
        default="true",
        help="`false`: workers send nothing to the outgoing webhooks of groups",
        at_runtime=True,
    ),
    Setting(
        name="EXTERNAL_COMMANDS",
        type=flag(),
        default="true",
        help="`false`: slash commands that other servers answer cannot be run",
        at_runtime=True,
    ),
    Setting(
        name="OUTBOUND_ORIGINS",
        type=items(
            "origins, separated by commas: https://wiki.example.org:8443",
            server_url("an origin").parse,
        ),
        default="",
        help="origins that workers may fetch in addition to public https pages on port 443",
    ),
)
