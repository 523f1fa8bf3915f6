"""Renders the Helm chart, with the values of a size or of a test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatproject.run.data_dir import CHECKOUT

# A wheel for Linux on x86-64 only.
helm = pytest.importorskip("helm_python")

HELM = CHECKOUT / "deploy" / "helm"
KEY = "k" * 64
REQUIRED = {
    "image": {"repository": "registry.example/parley"},
    "host": "chat.example.org",
    "secretKey": KEY,
}
# What operators with stores of their own give besides.
OWN_STORES = {
    "settings": {"S3_ENDPOINT_URL": "https://s3.example.org", "S3_BUCKET": "parley"},
    "secrets": {
        "DATABASE_URL": "postgresql://parley:of-the-database@db.example.org/parley",
        "REDIS_URL": "rediss://:of-valkey@valkey.example.org/0",
        "S3_ACCESS_KEY_ID": "parley",
        "S3_SECRET_ACCESS_KEY": "of-the-bucket",
        "METRICS_TOKEN": "of-prometheus",
    },
}
SIZES = ["small", "standard", "large"]
# The parser in C: that in Python takes two thirds of the time of these tests.
QUICK = yaml.CSafeLoader

Values = dict[str, Any]


def merged(first: Values, second: Values) -> Values:
    out = dict(first)
    for name, value in second.items():
        inner = isinstance(value, dict) and isinstance(out.get(name), dict)
        out[name] = merged(out[name], value) if inner else value
    return out


def values_of(size: str) -> Values:
    values = yaml.load((HELM / "sizes" / f"{size}.yaml").read_text(), QUICK)
    return merged(merged(values, REQUIRED), {} if size == "small" else OWN_STORES)


def rendered(values: Values, *, upgrade: bool = False) -> list[dict[str, Any]]:
    with helm.Chart.load(HELM / "parley") as chart:
        texts = chart.render(
            values,
            name="parley",
            namespace="chat",
            is_install=not upgrade,
            is_upgrade=upgrade,
            revision=7 if upgrade else 1,
        )
    files = [text for path, text in texts.items() if Path(path).suffix == ".yaml"]
    return [each for text in files for each in yaml.load_all(text, QUICK) if each]


def of_kind(objects: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
    return [each for each in objects if each["kind"] in kinds]


def pods(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in of_kind(objects, "Deployment", "StatefulSet", "Job"):
        yield each["metadata"]["name"], each["spec"]["template"]


def containers(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, pod in pods(objects):
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            yield f"{name}/{container['name']}", container
