"""Alerts, rules and dashboards: each query names what exists, and each alert fires in time."""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from apps.core.metrics import METRICS
from chatproject.health.words import NAMES
from chatproject.run.data_dir import CHECKOUT

PROMETHEUS, GRAFANA = CHECKOUT / "deploy/prometheus", CHECKOUT / "deploy/grafana"
PROMTOOL = shutil.which("promtool")
# Names of Prometheus' own language and of what it records itself.
SUFFIXES = ("_bucket", "_sum", "_count")


def rules(name):
    [group] = yaml.safe_load((PROMETHEUS / name).read_text())["groups"]
    return group["rules"]


ALERTS = rules("alerts.yml")
RECORDED = {rule["record"] for rule in rules("recording.yml")}
DASHBOARDS = sorted(GRAFANA.glob("*.json"))


def declared():
    """Each metric as queries may name it, and its labels."""
    found = {}
    for metric in METRICS:
        names = [metric.name]
        if metric.kind == "histogram":
            names = [metric.name + suffix for suffix in SUFFIXES]
        found |= {name: {*metric.labels, "le", "instance"} for name in names}
    return found


def queries():
    """Every query that is shipped, by where it stands."""
    for name in ("alerts.yml", "recording.yml"):
        for rule in rules(name):
            yield rule.get("alert") or rule["record"], rule["expr"]
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{path.name}: {panel['title']}", target["expr"]


@pytest.mark.parametrize(("place", "query"), list(queries()))
def test_every_query_names_metrics_and_labels_that_exist(place, query):
    known = declared()
    used = set(re.findall(r"\bparley_\w+", query))
    recorded = set(re.findall(r"\bparley:[\w:]+", query))
    assert used or recorded or "up{" in query, place
    assert used - set(known) == set(), place
    assert recorded - RECORDED == set(), place
    for name, selector in re.findall(r"\b(parley_\w+)\{([^}]*)\}", query):
        labels = set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", selector))
        assert labels <= known[name], place


def test_every_metric_is_shown_or_watched():
    everything = " ".join(query for _, query in queries())
    unused = {
        metric.name
        for metric in METRICS
        if not re.search(rf"\b{metric.name}({'|'.join(SUFFIXES)})?\b", everything)
    }
    assert unused == set()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_has_a_runbook_and_a_case_that_fires_it(alert):
    name = alert["alert"]
    assert alert["annotations"]["runbook"] == f"docs/runbooks.md#{name.lower()}"
    runbooks = (CHECKOUT / "docs/runbooks.md").read_text()
    [section] = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", runbooks, re.DOTALL | re.MULTILINE)
    assert "\n- Look: " in section
    assert "\n- Do: " in section
    cases = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]
    outcomes = [
        bool(each["exp_alerts"])
        for case in cases
        for each in case["alert_rule_test"]
        if each["alertname"] == name
    ]
    assert set(outcomes) == {True, False}


# What waits there has a measure of its own.
WATCHED_BY_AGE = {"push_queue", "search_index"}


@pytest.mark.parametrize("component", sorted(set(NAMES) - WATCHED_BY_AGE))
def test_an_alert_watches_each_part_that_health_names(component):
    selectors = re.findall(
        r'component_up\{component=~?"([^"]+)"\}', " ".join(each["expr"] for each in ALERTS)
    )
    assert any(re.fullmatch(each, component) for each in selectors)


def test_there_is_no_runbook_without_an_alert():
    titles = re.findall(r"^## (\w+)$", (CHECKOUT / "docs/runbooks.md").read_text(), re.MULTILINE)
    assert titles == [alert["alert"] for alert in ALERTS]


@pytest.mark.parametrize(
    "command",
    [
        ("check", "rules", "alerts.yml", "recording.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_itself_accepts_and_fires_them(command):
    if PROMTOOL is None and os.environ.get("CI") != "true":
        pytest.skip("no promtool: apt-get install prometheus")
    done = subprocess.run(
        ["promtool", *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_panels_of_a_dashboard_have_their_own_places_and_the_provisioned_source(path):
    board = json.loads(path.read_text())
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())
    assert board["uid"] == path.stem
    places = set()
    for panel in board["panels"]:
        assert panel["datasource"]["uid"] == source["datasources"][0]["uid"]
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & places
        places |= cells
