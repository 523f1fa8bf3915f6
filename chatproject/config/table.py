"""All settings of an operator.

After a change run `make settings`: it updates the table in docs/operate.md, .env.example and the
environment in docker-compose.yml. `make check` fails while they are out of date.
"""

from dataclasses import dataclass

from chatproject.config.types import (
    SettingType,
    choice,
    contact,
    database_url,
    flag,
    issuer,
    items,
    mapping,
    number,
    origin,
    text,
    url,
)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting, `NAME`, whose value may also be in a file named by `NAME_FILE`.

    `default`: in the form of the environment; None for a setting without which nothing starts.
    `shown_default`: in documents, where the default depends on something.
    `example`: in .env.example, for a setting that each deployment should choose.
    `secret`: the value is never shown.
    `in_compose`: False for settings that docker-compose.yml does not pass to the containers.
    """

    name: str
    type: SettingType
    default: str | None
    help: str
    shown_default: str = ""
    example: str = ""
    secret: bool = False
    in_compose: bool = True


SETTINGS = (
    Setting(
        name="HOST",
        type=text("an address or a host name"),
        default="127.0.0.1",
        help="address on which the web processes listen",
        in_compose=False,
    ),
    Setting(
        name="PORT",
        type=number(1, 65535),
        default="8000",
        help="port on which the web processes listen",
        in_compose=False,
    ),
    Setting(
        name="WEB_WORKERS",
        type=number(1, 64),
        default="1",
        help="web processes under `make run`, which share one port",
        in_compose=False,
    ),
    Setting(
        name="PUBLIC_URL",
        type=origin("http(s)://host[:port]"),
        default="http://127.0.0.1:8000",
        shown_default="the listening address",
        example="https://chat.example.org",
        help="where people reach the server. Live connections and forms from other origins are "
        "refused; `https:` makes cookies secure",
    ),
    Setting(
        name="ALLOWED_HOSTS",
        type=items("host names, separated by commas"),
        default="localhost,127.0.0.1",
        help="further host names of the server; health checks use 127.0.0.1",
    ),
    Setting(
        name="TRUSTED_PROXIES",
        type=items("addresses or networks, separated by commas"),
        default="",
        help="proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` headers are trusted",
    ),
    Setting(
        name="SECRET_KEY",
        type=text("a long random string"),
        default=None,
        shown_default="`make run` creates one",
        help="signs sessions and links, and seals authenticator apps; changing it signs everybody "
        "out, and ends these apps and recovery codes. Create one: "
        '`python3 -c "import secrets; print(secrets.token_urlsafe(64))"`',
        secret=True,
    ),
    Setting(
        name="DATABASE_URL",
        type=database_url(
            "postgresql://user:password@host/name, or with a socket postgresql://user@/name"
            "?host=/folder; special characters of the password percent-encoded",
            *("postgresql", "postgres", "psql", "pgsql", "postgis"),
        ),
        default=None,
        shown_default="embedded",
        help="the PostgreSQL server",
        secret=True,
    ),
    Setting(
        name="DATABASE_POOL",
        type=number(3, 200),
        default="8",
        help="most connections of one web process, in addition to two that commit messages",
    ),
    Setting(
        name="DATABASE_TIMEOUT",
        type=number(0, 3600),
        default="10",
        shown_default="10 in web processes, 60 in workers, 0 for `manage.py` and the release",
        help="seconds that one statement may take; 0: no limit",
    ),
    Setting(
        name="PGBOUNCER",
        type=flag(),
        default="false",
        help="`true` if DATABASE_URL leads to PgBouncer in transaction mode. Its role then needs "
        "the limits that docs/operate.md lists",
    ),
    Setting(
        name="REDIS_URL",
        type=url(
            "redis://:password@host:6379/0 or unix:///path.sock?db=0", *("redis", "rediss", "unix")
        ),
        default=None,
        shown_default="embedded",
        help="the Redis or Valkey server",
        secret=True,
    ),
    Setting(
        name="EMAIL_URL",
        type=url(
            "smtp+tls://user:password@host:587 or consolemail://",
            *("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail"),
            "dummymail",
        ),
        default="consolemail://",
        shown_default="printed to the log",
        help="the mail server",
        secret=True,
    ),
    Setting(
        name="EMAIL_FROM",
        type=text("an e-mail address"),
        default="",
        shown_default="`parley@` and the host of PUBLIC_URL",
        help="sender of mails",
    ),
    Setting(
        name="STATIC_ROOT",
        type=text("the path of a folder"),
        default="",
        shown_default="`var/static`",
        help="folder of the collected static files",
        in_compose=False,
    ),
    Setting(
        name="FILES_ROOT",
        type=text("the path of a folder"),
        default="",
        shown_default="`var/files`",
        help="private folder of files and exports. All web processes and workers need the same "
        "one; with S3_BUCKET it has temporary files only, and each machine has its own",
        in_compose=False,
    ),
    Setting(
        name="S3_ENDPOINT_URL",
        type=origin("http(s)://host[:port]"),
        default="",
        shown_default="AWS",
        help="the S3 server, as web processes and workers reach it",
    ),
    Setting(
        name="S3_BUCKET",
        type=text("the name of a bucket"),
        default="",
        shown_default="no S3: the folder FILES_ROOT",
        help="private bucket of files and exports",
    ),
    Setting(
        name="S3_ACCESS_KEY_ID",
        type=text("the id of a key"),
        default="",
        shown_default="the role of the machine (AWS)",
        help="key with which the server uses the bucket; docs/operate.md lists what it needs",
    ),
    Setting(
        name="S3_SECRET_ACCESS_KEY",
        type=text("the secret of a key"),
        default="",
        help="secret of that key",
        secret=True,
    ),
    Setting(
        name="S3_REGION",
        type=text("the name of a region"),
        default="us-east-1",
        help="region of the bucket",
    ),
    Setting(
        name="S3_PUBLIC_URL",
        type=origin("http(s)://host[:port]"),
        default="",
        shown_default="files are read through this server",
        help="where browsers reach the S3 server. Files are then loaded from there, with links "
        "that are valid for a minute",
    ),
    Setting(
        name="S3_DIRECT_UPLOADS",
        type=flag(),
        default="false",
        help="send files from browsers and apps straight to S3_PUBLIC_URL, with forms for one part "
        "each; docs/operate.md says what the bucket needs",
    ),
    Setting(
        name="MAX_FILE_MB",
        type=number(1, 2_000),
        default="100",
        help="size of one file, in megabytes (10⁶ bytes)",
    ),
    Setting(
        name="FILES_QUOTA_MB",
        type=number(0, 100_000_000),
        default="0",
        help="what the files of one person may take, in megabytes; 0: any amount",
    ),
    Setting(
        name="REGISTRATION",
        type=flag(),
        default="true",
        help="`false`: only an administrator creates accounts",
    ),
    Setting(
        name="STAFF_SECOND_FACTOR",
        type=flag(),
        default="true",
        help="the admin opens only for people who signed in with a second factor",
    ),
    Setting(
        name="STAFF_REAUTHENTICATION",
        type=number(1, 1_440),
        default="30",
        help="minutes after which the admin asks for the password again",
    ),
    Setting(
        name="LOCAL_ACCOUNTS",
        type=flag(),
        default="true",
        help="`false`: people sign in with OIDC_ISSUER only. Sign-in with a password and "
        "registration are switched off, and sessions that began with a password end",
    ),
    Setting(
        name="OIDC_ISSUER",
        type=issuer(),
        default="",
        help="the identity provider, e.g. `https://id.example.org/realms/parley`; docs/sso.md "
        "says how to set it up",
        shown_default="no single sign-on",
    ),
    Setting(
        name="OIDC_CLIENT_ID",
        type=text("the id of a client"),
        default="parley",
        help="id of the client of this server at the provider",
    ),
    Setting(
        name="OIDC_CLIENT_SECRET",
        type=text("the secret of a client"),
        default="",
        help="secret of that client",
        secret=True,
    ),
    Setting(
        name="OIDC_NAME",
        type=text("a name"),
        default="Keycloak",
        help="name of the provider on the sign-in button",
    ),
    Setting(
        name="OIDC_ROLES_CLAIM",
        type=text("the name of a claim"),
        default="roles",
        help="claim that lists the roles of a person; dots lead into objects "
        "(`realm_access.roles`)",
    ),
    Setting(
        name="OIDC_STAFF_ROLE",
        type=text("a role"),
        default="",
        help="role that makes a person staff, checked at each sign-in",
        shown_default="the provider decides on no staff",
    ),
    Setting(
        name="OIDC_MODERATOR_ROLE",
        type=text("a role"),
        default="",
        help="role that puts a person into the group `moderators`, checked at each sign-in",
        shown_default="the provider decides on no moderators",
    ),
    Setting(
        name="OIDC_SECOND_FACTOR",
        type=items("values of `acr` or `amr`, separated by commas; or `any`"),
        default="",
        help="which sign-ins at the provider count as ones with a second factor, for "
        "STAFF_SECOND_FACTOR: those whose ID token has one of these values; `any`: all",
    ),
    Setting(
        name="OIDC_PROFILE_FOLLOWS",
        type=flag(),
        default="false",
        help="`true`: at each sign-in the name becomes the one at the provider",
    ),
    Setting(
        name="OIDC_FRONT_CHANNEL_LOGOUT",
        type=flag(),
        default="false",
        help="`true`: the provider may end a session from a hidden frame; for providers without "
        "a back channel",
    ),
    Setting(
        name="OIDC_TIMEOUT",
        type=number(1, 10),
        default="5",
        help="seconds that the provider may take to connect or to send the next bytes",
    ),
    Setting(
        name="OIDC_POLL_SECONDS",
        type=number(10, 86_400),
        default="60",
        help="seconds between two checks whether a session has ended at the provider",
    ),
    Setting(
        name="OIDC_POLL_IDLE_HOURS",
        type=number(1, 1_440),
        default="72",
        help="hours without use after which a session is no longer checked, and so no longer kept "
        "alive at the provider; the next use makes it due",
    ),
    Setting(
        name="OIDC_APP_CLIENTS",
        type=items("ids of clients, separated by commas"),
        default="",
        help="ids of the public clients at the provider whose apps may sign in with their access "
        "tokens",
        shown_default="apps sign in with a password only",
    ),
    Setting(
        name="OIDC_APP_DAYS",
        type=number(1, 365),
        default="30",
        help="days after which an app that signed in with the provider must do so again; nothing "
        "tells this server earlier that a person was disabled there",
    ),
    Setting(
        name="SCIM_TOKEN",
        type=text("a long random string"),
        default="",
        shown_default="no SCIM",
        help="token with which a directory creates, changes and closes accounts at `/scim/v2/`; "
        "needs OIDC_ISSUER. docs/sso.md says how to set it up",
        secret=True,
    ),
    Setting(
        name="ENDING_DAYS",
        type=number(1, 3650),
        default="90",
        help="days after which records of ended access (whose, how, when, and what it was) are "
        "deleted",
    ),
    Setting(
        name="DELETION_DAYS",
        type=number(0, 365),
        default="14",
        help="days in which somebody who asked to delete their account can take it back by signing "
        "in; 0: it is deleted at once",
    ),
    Setting(
        name="GROUP_SIZE",
        type=number(2, 10_000),
        default="100",
        help="most members of a group",
    ),
    Setting(
        name="SENDS_PER_SECOND",
        type=number(1, 100_000),
        default="20",
        help="messages a second that one person may send through one process, on average",
    ),
    Setting(
        name="LIMITS_TIMES",
        type=number(1, 10_000),
        default="1",
        help="multiplies the limits of a person, except of sends and typing",
    ),
    Setting(
        name="CONNECTIONS_PER_PERSON",
        type=number(1, 10_000),
        default="30",
        help="connections of all kinds that a person may have in one web process; the next is "
        "closed with 4429, or refused with 429",
    ),
    Setting(
        name="CONNECTS_PER_SESSION",
        type=number(10, 100_000),
        default="600",
        help="connections a minute that one session may open in one web process",
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
    ),
    Setting(
        name="HISTORY_PAGE",
        type=number(1, 500),
        default="100",
        help="most messages in one page of history",
    ),
    Setting(
        name="METRICS_TOKEN",
        type=text("a long random string"),
        default="",
        shown_default="only this machine may read it",
        help="token with which programs on other machines read `/metrics`",
        secret=True,
    ),
    Setting(
        name="LINK_PREVIEWS",
        type=flag(),
        default="true",
        help="`false`: workers never fetch pages that people link to",
    ),
    Setting(
        name="OUTBOUND_ORIGINS",
        type=items("origins, separated by commas: https://wiki.example.org:8443"),
        default="",
        help="origins that workers may fetch in addition to public https pages on port 443",
    ),
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
        type=text("a mailto: or https: address"),
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
    ),
    Setting(
        name="PUSH_CONTENT",
        type=flag(),
        default="true",
        help="`false`: pushes contain neither sender nor text",
    ),
    Setting(
        name="PUSH_HOSTS",
        type=items("host names, separated by commas"),
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
    ),
    Setting(
        name="PUSH_GATEWAYS",
        type=mapping("name=dotted.path, separated by commas: fcm=my.package.Fcm"),
        default="",
        help="further gateways, as FCM or APNs with your own credentials: classes as in "
        "`apps/notifications/gateways/base.py`",
    ),
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
        name="DEBUG",
        type=flag(),
        default="false",
        help="`true` only while developing",
        in_compose=False,
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
