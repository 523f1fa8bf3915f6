"""Files that list the settings (docs/operate.md, .env.example, docker-compose.yml and the schema of
the Helm chart's values), and the one that lists the metrics (docs/metrics.md)."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from apps.core.metrics import METRICS
from chatproject.config.setting import Setting
from chatproject.config.table import SETTINGS

# docker-compose.yml derives these from the passwords of its own stores.
SET_BY_COMPOSE = ("DATABASE_URL", "REDIS_URL")
EXAMPLE_HEAD = """\
# Settings of one deployment: cp .env.example .env, and fill it in.
# `make run` needs none of this: it reads the environment, and creates what is missing.
# After a change of chatproject/config/table/: make settings

# Passwords of the stores. Both are part of URLs: letters and digits only, e.g. openssl rand -hex 24
POSTGRES_PASSWORD=
VALKEY_PASSWORD=
# The published port on loopback.
PORT=8000

# For `docker compose --profile sso up` (docs/sso.md): passwords of Keycloak's database and of its
# administrator, its address (https, at your proxy), and whether the realm's people may sign in.
#KEYCLOAK_DATABASE_PASSWORD=
#KEYCLOAK_ADMIN_PASSWORD=
#KEYCLOAK_URL=http://keycloak.localhost:8180
#KEYCLOAK_TEST_PEOPLE=false
"""


def updated(checkout: Path) -> dict[Path, str]:
    """The text that each file should have, by path."""
    operate, compose = checkout / "docs/operate.md", checkout / "docker-compose.yml"
    metrics = checkout / "docs/metrics.md"
    chart = checkout / "deploy/helm/parley/values.schema.json"
    return {
        metrics: _replace_block(
            metrics.read_text(encoding="utf-8"), "<!-- {} -->", _metrics(), of="metrics"
        ),
        operate: _replace_block(operate.read_text(encoding="utf-8"), "<!-- {} -->", _table()),
        compose: _replace_block(compose.read_text(encoding="utf-8"), "    # {}", _compose()),
        checkout / ".env.example": EXAMPLE_HEAD + "".join(_examples()),
        chart: _chart_schema(chart.read_text(encoding="utf-8")),
    }


def _replace_block(text: str, comment: str, lines: Iterable[str], *, of: str = "settings") -> str:
    """Replace what is between the comments "settings" and "end of settings"."""
    begin, end = comment.format(of), comment.format(f"end of {of}")
    block = "\n".join((begin, *lines, end))
    pattern = re.compile(f"^{re.escape(begin)}$.*?^{re.escape(end)}$", re.DOTALL | re.MULTILINE)
    replaced, count = pattern.subn(lambda _: block, text)
    if count != 1:
        raise ValueError(f"There are {count} blocks between {begin!r} and {end!r}.")
    return replaced


def _table() -> Iterator[str]:
    yield "| name | what | allowed | default | changes |"
    yield "|--|--|--|--|--|"
    for setting in SETTINGS:
        default = setting.shown_default or (f"`{setting.default}`" if setting.default else "none")
        allowed = setting.type.allowed.replace("|", "\\|")
        changes = "in the admin" if setting.at_runtime else "at a restart"
        yield f"| `{setting.name}` | {setting.help} | {allowed} | {default} | {changes} |"


def _metrics() -> Iterator[str]:
    yield "| name | kind | what | from |"
    yield "|--|--|--|--|"
    for metric in METRICS:
        labels = f"{{{','.join(metric.labels)}}}" if metric.labels else ""
        values = ", ".join(f"`{value}`" for value in metric.values)
        text = (
            f"{metric.help} {metric.labels[0].capitalize()}: {values}." if values else metric.help
        )
        yield f"| `{metric.name}{labels}` | {metric.kind} | {text} | {metric.source} |"


def _compose() -> Iterator[str]:
    for setting in _in_compose():
        if setting.default is None:
            fallback = ":?set it in .env"
        elif setting.type.parses_empty:
            fallback = f"-{setting.default}"
        else:
            fallback = "-"  # an empty value means the default, which may depend on the process
        yield f'    {setting.name}: "${{{setting.name}{fallback}}}"'


def _chart_schema(text: str) -> str:
    """The schema with the names of today's settings. Those that are secret are not in `settings`,
    which becomes a ConfigMap."""
    schema = json.loads(text)
    passed = [setting for setting in SETTINGS if setting.in_compose]
    for place, among in (
        ("settings", [setting for setting in passed if not setting.secret]),
        ("secrets", passed),
    ):
        schema["properties"][place] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                setting.name: {"type": ["string", "number", "boolean"]} for setting in among
            },
        }
    return json.dumps(schema, indent=2) + "\n"


def _examples() -> Iterator[str]:
    for setting in _in_compose():
        description = f"{setting.help}. Allowed: {setting.type.allowed}."
        comment = textwrap.wrap(
            (description[0].upper() + description[1:]).replace("`", ""),
            width=98,
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield "\n" + "".join(f"# {line}\n" for line in comment)
        if setting.default is None or setting.example:
            yield f"{setting.name}={setting.example}\n"
        else:
            yield f"#{setting.name}={setting.default}\n"


def _in_compose() -> Iterator[Setting]:
    return (
        setting for setting in SETTINGS if setting.in_compose and setting.name not in SET_BY_COMPOSE
    )
