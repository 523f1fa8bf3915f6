"""Files that list the settings (docs/operate.md, docker-compose.yml and the schema of the Helm
chart's values), and the one that lists the metrics (docs/metrics.md)."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from apps.core.metrics import METRICS
from chatproject.config.table import SETTINGS

SECRETS_FOLDER = "/run/secrets"


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
    for setting in SETTINGS:
        if not setting.in_compose or setting.only_for:
            continue
        if setting.secret:  # deploy/create-secrets makes the file
            yield f"    {setting.name}_FILE: {SECRETS_FOLDER}/{setting.name.lower()}"
            continue
        # Where empty stands for the default, that may depend on the process.
        fallback = setting.default if setting.type.parses_empty else ""
        yield f'    {setting.name}: "${{{setting.name}-{fallback}}}"'


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
