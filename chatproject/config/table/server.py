"""Where the server listens, and the services that it uses."""

from chatproject.config.setting import Setting
from chatproject.config.types import (
    database_url,
    flag,
    folder,
    host,
    hosts,
    mail_address,
    networks,
    number,
    origin,
    text,
    url,
)

SETTINGS = (
    Setting(
        name="HOST",
        type=host(),
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
        shown_default="half of the cores, at most 8; `1` with a PostgreSQL of your own",
        help="web processes under `make run`, which share one port",
        in_compose=False,
    ),
    Setting(
        name="PUBLIC_URL",
        type=origin("http(s)://host[:port]", "http", "https"),
        default="http://127.0.0.1:8000",
        shown_default="the listening address",
        help="where people reach the server. Live connections and forms from other origins are "
        "refused; `https:` makes cookies secure",
    ),
    Setting(
        name="ALLOWED_HOSTS",
        type=hosts(),
        default="localhost,127.0.0.1",
        help="further host names of the server; health checks use 127.0.0.1",
    ),
    Setting(
        name="TRUSTED_PROXIES",
        type=networks(),
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
        help="most connections of one web process, beside four that commit messages and receipts "
        "and one for `/readyz`",
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
        type=mail_address(),
        default="",
        shown_default="`parley@` and the host of PUBLIC_URL",
        help="sender of mails",
    ),
    Setting(
        name="STATIC_ROOT",
        type=folder(),
        default="",
        shown_default="`var/static`",
        help="folder of the collected static files",
        in_compose=False,
    ),
)
