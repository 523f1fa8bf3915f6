"""Installations and upgrades with the Helm chart: migrations run first, and once."""

from typing import Any

import pytest

from tests.run.chart import REQUIRED, merged, of_kind, pods, rendered, values_of


@pytest.mark.parametrize(
    ("size", "upgrade", "is_hook"),
    [
        # There is no PostgreSQL yet, before the chart's objects.
        ("small", False, False),
        ("small", True, True),
        ("standard", False, True),
        ("standard", True, True),
    ],
)
def test_migrations_run_before_new_pods(size, upgrade, is_hook):
    objects = rendered(values_of(size), upgrade=upgrade)
    [job] = of_kind(objects, "Job")
    assert ("helm.sh/hook" in job["metadata"].get("annotations", {})) == is_hook
    assert ("ttlSecondsAfterFinished" in job["spec"]) == is_hook
    command = ["python", "-m", "chatproject.run.release"]
    assert job["spec"]["template"]["spec"]["containers"][0]["command"] == [*command, "database"]
    for name, pod in pods(objects):
        if pod["metadata"]["labels"]["app.kubernetes.io/component"] in (
            "web",
            "beat",
            "worker-default",
        ):
            assert pod["spec"]["initContainers"][0]["command"] == [*command, "wait"], name


def test_migrations_reach_stores_that_the_former_policies_do_not_know():
    """Hooks run before the policies of the chart change."""
    own = merged(values_of("standard"), {"networkPolicy": {"internal": ["10.9.0.0/16"]}})
    objects = rendered(own, upgrade=True)
    policies = {each["metadata"]["name"]: each for each in of_kind(objects, "NetworkPolicy")}
    early, late = policies["parley-release"], policies["parley-outbound"]
    [job] = of_kind(objects, "Job")
    assert early["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    weights = [int(each["metadata"]["annotations"]["helm.sh/hook-weight"]) for each in (early, job)]
    assert weights == sorted(set(weights))
    selected = early["spec"]["podSelector"]["matchLabels"].items()
    assert selected <= job["spec"]["template"]["metadata"]["labels"].items()
    assert early["spec"]["egress"] == late["spec"]["egress"]
    assert {"ipBlock": {"cidr": "10.9.0.0/16"}} in early["spec"]["egress"][-1]["to"]
    # What a failed hook leaves behind is found by one selector.
    hooks = [each for each in objects if "helm.sh/hook" in each["metadata"].get("annotations", {})]
    labels = {each["metadata"]["labels"]["app.kubernetes.io/component"] for each in hooks}
    assert (len(hooks), labels) == (4, {"release"})


def test_argo_cd_never_changes_a_job():
    """It renders each upgrade as a first installation."""

    def job(**values: Any) -> dict[str, Any]:
        [found] = of_kind(rendered(merged(REQUIRED, values)), "Job")
        return found

    first = job()
    assert job() == first
    for values in ({"image": {"tag": "0.2.0"}}, {"secrets": {"EMAIL_URL": "consolemail://"}}):
        assert job(**values)["metadata"]["name"] != first["metadata"]["name"]


def test_migrations_go_past_pgbouncer():
    own = merged(values_of("large"), {"release": {"databaseUrl": "postgresql://a:b@db/parley"}})
    [job] = of_kind(rendered(own), "Job")
    [container] = job["spec"]["template"]["spec"]["containers"]
    last = {each["name"]: each["value"] for each in container["env"]}
    assert last["PGBOUNCER"] == "false"
    assert last["DATABASE_URL_FILE"] == "/run/secrets/parley/RELEASE_DATABASE_URL"
    [settings, *_] = of_kind(rendered(own), "ConfigMap")
    assert settings["data"]["PGBOUNCER"] == "true"
