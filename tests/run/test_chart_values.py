"""What operators give the Helm chart reaches the product, and what is missing or wrong is said."""

import pytest

from chatproject.config.table import SETTINGS
from tests.run.chart import HELM, KEY, REQUIRED, containers, helm, merged, of_kind, pods, rendered


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("host", "host is missing"),
        ("secretKey", "secretKey is missing"),
        ("image", "image.repository is missing"),
    ],
)
def test_a_missing_value_is_named(missing, message):
    with pytest.raises(helm.HelmError, match=message):
        rendered({name: value for name, value in REQUIRED.items() if name != missing})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"host": "https://chat.example.org"}, "host"),
        ({"secretKey": "short"}, "secretKey"),
        ({"settings": {"GROUP_SISE": 50}}, "GROUP_SISE"),
        ({"settings": {"SCIM_TOKEN": "in a ConfigMap"}}, "SCIM_TOKEN"),
        ({"image": {"digest": "sha256:1"}}, "digest"),
        ({"webb": {"replicas": 2}}, "webb"),
        ({"web": {"drainSeconds": 20}}, "drainSeconds"),
        ({"metrics": {"podMonitor": True}}, "METRICS_TOKEN"),
        ({"postgres": {"enabled": False}}, "DATABASE_URL"),
        ({"valkey": {"enabled": False}}, "REDIS_URL"),
        ({"seaweedfs": {"enabled": False}}, "S3_ENDPOINT_URL"),
        ({"networkPolicy": {"enabled": False}}, "seaweedfs.enabled needs networkPolicy"),
    ],
)
def test_a_wrong_value_is_refused(wrong, message):
    with pytest.raises(helm.HelmError, match=message):
        rendered(merged(REQUIRED, wrong))


def test_every_setting_of_a_deployment_may_be_given():
    with helm.Chart.load(HELM / "parley") as chart:
        places = chart.schema["properties"]
    passed = {setting.name for setting in SETTINGS if setting.in_compose}
    secret = {setting.name for setting in SETTINGS if setting.secret}
    assert set(places["secrets"]["properties"]) == passed
    assert set(places["settings"]["properties"]) == passed - secret


def test_values_reach_the_product_as_they_were_given():
    hard = 'a "b" {{ .Values.secretKey }} \\ #'
    given = {"FILES_QUOTA_MB": 1_000_000, "PUSH_CONTENT": False, "MOTD": hard}
    objects = rendered(merged(REQUIRED, {"settings": given, "secrets": {"EMAIL_URL": hard}}))
    [settings] = of_kind(objects, "ConfigMap")
    assert {name: settings["data"][name] for name in given} == {
        "FILES_QUOTA_MB": "1000000",
        "PUSH_CONTENT": "false",
        "MOTD": hard,
    }
    [secret] = of_kind(objects, "Secret")
    assert secret["stringData"]["EMAIL_URL"] == hard


@pytest.mark.parametrize("upgrade", [False, True])
def test_each_pod_has_only_the_secrets_that_it_needs(upgrade):
    """Somebody who gets into a web pod does not read or delete the backups, nor the schema."""
    secret = {setting.name: "x" * 32 for setting in SETTINGS if setting.secret}
    given = {"secrets": secret, "release": {"databaseUrl": "postgresql://a:b@db/parley"}}
    objects = rendered(merged(REQUIRED, given), upgrade=upgrade)
    stored = {each["metadata"]["name"]: set(each["stringData"])
              for each in of_kind(objects, "Secret")}  # fmt: skip
    of_stores = {"POSTGRES_PASSWORD", "VALKEY_PASSWORD"}
    for name, pod in pods(objects):
        component = pod["metadata"]["labels"]["app.kubernetes.io/component"]
        if component in ("postgres", "valkey", "seaweedfs"):
            continue
        service = component.removeprefix("worker-").replace("default", "worker")
        needed = {each.name for each in SETTINGS if each.secret
                  and (not each.only_for or service in each.only_for)}  # fmt: skip
        needed |= {"S3_ACCESS_KEY_ID"}
        [volume] = [each["secret"] for each in pod["spec"]["volumes"] if "secret" in each]
        files = {each["key"] for each in volume["items"]}
        own = {"RELEASE_DATABASE_URL"} if component == "release" else set()
        assert files == needed | own, name
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            read = {each["value"].rpartition("/")[2] for each in container.get("env", [])
                    if str(each.get("value")).startswith("/run/secrets/")}  # fmt: skip
            assert read <= files, name
        if volume["secretName"] == "parley-release":
            # A hook that fails leaves it behind.
            assert stored["parley-release"] == files
    assert stored["parley"] >= needed | of_stores


def test_passwords_of_the_stores_stay_when_the_key_changes():
    def passwords(**values: str) -> set[str]:
        [secret] = of_kind(rendered(REQUIRED | values), "Secret")
        return {value for name, value in secret["stringData"].items() if "PASSWORD" in name}

    first = passwords(storesKey=KEY)
    assert passwords() == passwords(storesKey=KEY, secretKey="x" * 64) == first
    assert len(first) == 2
    assert passwords(storesKey="y" * 64).isdisjoint(first)


def test_a_secret_of_ones_own_takes_the_place_of_the_charts():
    own = {"secret": {"existing": "mine", "keys": ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"]}}
    objects = rendered(merged({"image": REQUIRED["image"], "host": "chat.example.org"}, own))
    assert of_kind(objects, "Secret") == []
    volumes = [volume for _, pod in pods(objects) for volume in pod["spec"]["volumes"]]
    assert {volume["secret"]["secretName"] for volume in volumes if "secret" in volume} == {"mine"}
    web = {each["name"] for name, one in containers(objects) if name == "parley-web/web"
           for each in one["env"]}  # fmt: skip
    assert {"DATABASE_URL_FILE", "S3_ACCESS_KEY_ID_FILE", "S3_SECRET_ACCESS_KEY_FILE"} <= web


def test_without_namespaces_no_other_pod_reaches_the_web_pods():
    """A rule whose `from` is empty would let everybody in."""
    none = {"networkPolicy": {"ingressNamespaces": [], "prometheusNamespaces": []}}
    for each in of_kind(rendered(merged(REQUIRED, none)), "NetworkPolicy"):
        assert all(rule["from"] for rule in each["spec"].get("ingress") or []), each["metadata"]
