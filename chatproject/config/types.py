"""Types of settings: each parses the text of a value and describes the values it allows."""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from apps.core.default_ports import DEFAULT_PORTS

TRUE = frozenset(("true", "on", "ok", "y", "yes", "1"))
FALSE = frozenset(("false", "off", "n", "no", "0"))
DOMAIN = re.compile(r"(?!-)[\w-]+(\.[\w-]+)*")
# A host name, those below a domain (`.example.org`), any (`*`), or an address.
HOST = re.compile(
    r"\*|\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?"
    r"|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%\w+)?\]?"
)
BUCKET = re.compile(r"[A-Za-z0-9._-]{3,63}")
MAIL = re.compile(r"[^@<>]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+")


@dataclass(frozen=True)
class SettingType:
    """`allowed` completes the sentence "set it to ...".

    `parse` raises ValueError for other values. Its text completes the sentence "the value ..." and
    must not contain the value, which may be secret.
    `parses_empty`: an empty value is parsed; for other types it means the default.
    `bounds`: the least and the greatest number. `choices`: the words, if there are only so many.
    `is_list`: several values, separated by commas.
    """

    allowed: str
    parse: Callable[[str], Any]
    parses_empty: bool = False
    bounds: tuple[int, int] | None = None
    choices: tuple[str, ...] = ()
    is_list: bool = False


def text(allowed: str, *, most: int = 10_000, may_be_empty: bool = False) -> SettingType:
    """A line of text, of up to so many characters."""

    def parse(value: str) -> str:
        if not value.isprintable():
            raise ValueError("has a line break or another control character")
        if len(value) > most:
            raise ValueError("is too long")
        return value

    return SettingType(allowed, parse, parses_empty=may_be_empty)


def _matching(pattern: re.Pattern[str], problem: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(problem)
        return value

    return parse


def host() -> SettingType:
    """The name or address of a host."""
    return SettingType("an address or a host name", _matching(HOST, "is no host"))


def hosts() -> SettingType:
    """Names of hosts, separated by commas."""
    return items("host names, separated by commas", _matching(HOST, "has an item that is no host"))


def networks() -> SettingType:
    """Addresses and networks, separated by commas."""

    def parse(value: str) -> str:
        try:
            ip_network(value, strict=False)
        except ValueError:
            raise ValueError("has an item that is neither an address nor a network") from None
        return value

    return items("addresses or networks, separated by commas", parse)


def folder() -> SettingType:
    """The path of a folder, which need not be there yet."""

    def parse(value: str) -> str:
        if Path(value).is_file():
            raise ValueError("is a file")
        return value

    return SettingType("the path of a folder", parse)


def bucket() -> SettingType:
    """The name of a bucket of an S3 server."""
    return SettingType("the name of a bucket", _matching(BUCKET, "is no name of a bucket"))


def backup_place() -> SettingType:
    """A folder, or a bucket with a prefix."""

    def parse(value: str) -> str:
        if not value.startswith("s3://"):
            return folder().parse(value)  # type: ignore[no-any-return]
        if not BUCKET.fullmatch(value.removeprefix("s3://").partition("/")[0]):
            raise ValueError("has no name of a bucket")
        return value

    return SettingType("the path of a folder, or s3://bucket/prefix", parse)


def mail_address() -> SettingType:
    """An e-mail address, also with a name: `Chat <chat@example.org>`."""
    return SettingType("an e-mail address", _matching(MAIL, "is no e-mail address"))


def certificates() -> SettingType:
    """The path of a file with certificates of authorities."""

    def parse(value: str) -> str:
        try:
            ssl.create_default_context(cafile=value)
        except ssl.SSLError:
            raise ValueError("has no certificate in PEM") from None
        except OSError:
            raise ValueError("cannot be read") from None
        return value

    return SettingType("the path of a file with certificates (PEM)", parse)


def flag() -> SettingType:
    """True or false. An empty value is an error: it could be meant either way."""

    def parse(value: str) -> bool:
        if value.lower() not in TRUE | FALSE:
            raise ValueError("is neither true nor false" if value else "is empty")
        return value.lower() in TRUE

    return SettingType("true or false", parse, parses_empty=True, choices=("true", "false"))


def number(minimum: int, maximum: int) -> SettingType:
    """A whole number within limits."""

    def parse(value: str) -> int:
        if not (value.isascii() and value.isdecimal()):
            raise ValueError("is no whole number")
        if int(value) < minimum:
            raise ValueError("is too small")
        if int(value) > maximum:
            raise ValueError("is too large")
        return int(value)

    bounds = (minimum, maximum)
    return SettingType(f"a number from {minimum} to {maximum}", parse, bounds=bounds)


def choice(*values: str) -> SettingType:
    """One of several words."""

    def parse(value: str) -> str:
        if value not in values:
            raise ValueError("is unknown")
        return value

    allowed = " or ".join((", ".join(values[:-1]), values[-1]))
    return SettingType(allowed, parse, choices=values)


def flag_or(yes: str, no: str, *others: str) -> SettingType:
    """One of several words, of which a `flag` would say true for `yes` and false for `no`; those
    words are accepted, too. An empty value is an error, as that of a flag."""
    *most, last = (yes, *others, no)

    def parse(value: str) -> str:
        if not value:
            raise ValueError("is empty")
        if value in (yes, no, *others):
            return value
        if value.lower() not in TRUE | FALSE:
            raise ValueError("is unknown")
        return yes if value.lower() in TRUE else no

    allowed = f"{', '.join(most)} or {last}"
    return SettingType(allowed, parse, parses_empty=True, choices=(yes, *others, no))


def items(allowed: str, item: Callable[[str], Any] | None = None) -> SettingType:
    """A list separated by commas. `item` parses one of them; without it, each is a word."""
    parse_item = item or _matching(re.compile(r"\S+"), "has an item with a space")

    def parse(value: str) -> list[Any]:
        return [parse_item(each) for each in _split(value)]

    return SettingType(allowed, parse, parses_empty=True, is_list=True)


def domains(allowed: str) -> SettingType:
    """A list of domains separated by commas, in small letters."""

    domain = _matching(DOMAIN, "has an item that is no domain")
    return items(allowed, lambda value: domain(value.lower()))


def mapping(allowed: str) -> SettingType:
    """A list of name=value, separated by commas."""

    def parse(value: str) -> dict[str, str]:
        pairs = [item.partition("=") for item in _split(value)]
        if not all(name and found for name, _, found in pairs):
            raise ValueError("has an item without name=value")
        return {name.strip(): found.strip() for name, _, found in pairs}

    return SettingType(allowed, parse, parses_empty=True)


def url(allowed: str, *schemes: str) -> SettingType:
    """A URL with one of the schemes."""

    def parse(value: str) -> str:
        if _urlsplit(value).scheme not in schemes:
            raise ValueError("has another scheme")
        return value

    return SettingType(allowed, parse)


def database_url(allowed: str, *schemes: str) -> SettingType:
    """A URL of PostgreSQL as django-environ reads it: also with several hosts, for failover."""

    def parse(value: str) -> str:
        if value.partition("://")[0] not in schemes:
            raise ValueError("has another scheme")
        # Only here: not every process that reads settings needs django-environ.
        from environ import Env

        try:
            Env.db_url_config(value)
        except (ValueError, KeyError):
            raise ValueError("is no valid URL") from None
        return value

    return SettingType(allowed, parse)


def contact(allowed: str) -> SettingType:
    """An address of a person: a URL, or a mail address, which becomes a `mailto:` URL."""
    address = url(allowed, "mailto", "https", "http", "tel")

    def parse(value: str) -> str:
        is_mail = "@" in value and ":" not in value
        parsed: str = address.parse(f"mailto:{value}" if is_mail else value)
        return parsed

    return SettingType(allowed, parse)


def server_url(allowed: str) -> SettingType:
    """`http(s)://host[:port]`, also with a path; a slash at the end is removed."""
    scheme = url(allowed, "http", "https")

    def parse(value: str) -> str:
        if not _urlsplit(scheme.parse(value)).hostname:
            raise ValueError("has no host")
        return value.rstrip("/")

    return SettingType(allowed, parse)


def origin(allowed: str, *schemes: str) -> SettingType:
    """`scheme://host[:port]` and no more, as browsers write it: in small letters, without the port
    of the scheme."""
    one_of = url(allowed, *schemes)

    def parse(value: str) -> str:
        found = _urlsplit(one_of.parse(value))
        if not found.hostname:
            raise ValueError("has no host")
        if found.path.strip("/") or found.query or found.fragment or "@" in found.netloc:
            raise ValueError("is more or less than scheme, host and port")
        host = f"[{found.hostname}]" if ":" in found.hostname else found.hostname
        port = "" if found.port in (None, DEFAULT_PORTS[found.scheme]) else f":{found.port}"
        return f"{found.scheme}://{host}{port}"

    return SettingType(allowed, parse)


def guid() -> SettingType:
    """A UUID, as Microsoft names directories and applications."""

    def parse(value: str) -> str:
        try:
            return str(UUID(value))
        except ValueError:
            raise ValueError("is no UUID") from None

    return SettingType("a UUID", parse)


def issuer() -> SettingType:
    """The issuer of an OpenID Connect provider, letter by letter as it names itself. Plain http is
    allowed on this machine only: tokens and the secret travel there. Names under `localhost` are
    this machine's, too (RFC 6761, section 6.3)."""

    def parse(value: str) -> str:
        found = _urlsplit(value)
        if not found.hostname or found.query or found.fragment:
            raise ValueError("is no issuer")
        is_here = found.hostname in ("127.0.0.1", "localhost", "::1") or found.hostname.endswith(
            ".localhost"
        )
        if found.scheme != "https" and not (found.scheme == "http" and is_here):
            raise ValueError("is not https")
        return value

    return SettingType("an https: address", parse)


def _urlsplit(value: str) -> SplitResult:
    try:
        found = urlsplit(value)
        found.port  # noqa: B018  raises ValueError, too
    except ValueError:
        raise ValueError("is no valid URL") from None
    return found


def _split(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]
