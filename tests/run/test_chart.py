"""The Helm chart: its objects are valid for Kubernetes, fit together, and say what is missing."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatproject.config.table import SETTINGS
from chatproject.run.data_dir import CHECKOUT

# A wheel for Linux on x86-64 only.
helm = pytest.importorskip("helm_python")
import kubernetes_validate  # noqa: E402

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
# The oldest version that the chart admits, and one of today.
VERSIONS = ["1.30", "1.37"]
# Objects of an extension, whose schema is not Kubernetes'.
EXTENSIONS = {"PodMonitor"}
UNITS = {"Mi": 1, "Gi": 1024}
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


@pytest.fixture(scope="module", params=SIZES)
def objects(request) -> list[dict[str, Any]]:
    return rendered(values_of(request.param))


@pytest.mark.parametrize("size", SIZES)
def test_the_chart_has_no_findings(size):
    report = helm.lint(HELM / "parley", values_of(size), strict=True)
    assert [each["error"] for each in report["messages"] if each["severity"] > 1] == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("upgrade", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_every_object_is_valid(size, upgrade, version):
    objects = rendered(values_of(size), upgrade=upgrade)
    for each in objects:
        if each["kind"] not in EXTENSIONS:
            kubernetes_validate.validate(each, version, strict=True)
    named = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(named) == len(set(named))


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


def test_secrets_are_in_secrets_only(objects):
    hidden = {
        str(value)
        for each in of_kind(objects, "Secret")
        for name, value in each["stringData"].items()
        if name != "S3_ACCESS_KEY_ID"
    }
    assert KEY in hidden
    elsewhere = yaml.safe_dump([each for each in objects if each["kind"] != "Secret"])
    assert [value for value in hidden if value in elsewhere] == []
    for name, container in containers(objects):
        # Users of the node can read the arguments of processes.
        words = " ".join([*container.get("command", []), *container.get("args", [])])
        assert not re.search(r"exec .*\$\((AWS_|cat )", words), name


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


def test_valkey_asks_for_the_password(objects, tmp_path):
    found = [one["command"] for name, one in containers(objects) if name.endswith("/valkey")]
    if not found:  # one of one's own
        return
    [[shell, flag, script]] = found
    hard = "p w'\"$#"
    (tmp_path / "VALKEY_PASSWORD").write_text(f"{hard}\n")  # as an editor ends a file
    script = script.replace("/run/secrets/parley", str(tmp_path)).replace("/data", str(tmp_path))
    subprocess.run([shell, flag, script.replace("exec valkey-server", "exec true")], check=True)
    options = (tmp_path / "valkey.conf").read_text().splitlines()
    assert options[0] == 'save ""'
    assert f"#{sha256(hard.encode()).hexdigest()}" in options[-1].split()


def test_passwords_of_the_stores_stay_when_the_key_changes():
    def passwords(**values: str) -> set[str]:
        [secret] = of_kind(rendered(REQUIRED | values), "Secret")
        return {value for name, value in secret["stringData"].items() if "PASSWORD" in name}

    first = passwords(storesKey=KEY)
    assert passwords() == passwords(storesKey=KEY, secretKey="x" * 64) == first
    assert len(first) == 2
    assert passwords(storesKey="y" * 64).isdisjoint(first)


def test_every_container_has_the_least_rights(objects):
    for name, pod in pods(objects):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"], name
        assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", name
        assert spec["automountServiceAccountToken"] is False, name
    for name, container in containers(objects):
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"], name
        assert rights["allowPrivilegeEscalation"] is False, name
        assert rights["capabilities"] == {"drop": ["ALL"]}, name
        assert container["resources"]["limits"]["memory"], name
        assert re.fullmatch(r"[^:]+:(?!latest)[^:]+", container["image"]), name


def test_a_pod_ends_at_a_signal_also_while_it_starts(objects):
    """Process 1 of a container is not ended by a signal that it does not handle yet."""
    for name, pod in pods(objects):
        ours = [each for each in pod["spec"]["containers"] if "parley" in each["image"]]
        assert not ours or pod["spec"]["shareProcessNamespace"] is True, name


def test_a_page_gets_its_scripts_from_the_pod_that_made_it(objects):
    """A pod has the static files of its own release only."""
    [ingress] = [each for each in objects if each["kind"] == "Ingress"]
    annotations = ingress["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/affinity"] == "cookie"


def test_names_lead_somewhere(objects):
    labels = [pod["metadata"]["labels"].items() for _, pod in pods(objects)]
    for service in of_kind(objects, "Service"):
        selector = service["spec"]["selector"].items()
        assert [one for one in labels if selector <= one], service["metadata"]["name"]
    scaled = {each["metadata"]["name"]: each["spec"] for each in of_kind(objects, "Deployment")}
    for scaler in of_kind(objects, "HorizontalPodAutoscaler"):
        # With `replicas`, each upgrade would undo what the scaler has done.
        assert "replicas" not in scaled[scaler["spec"]["scaleTargetRef"]["name"]]
    stored = {
        (each["kind"], each["metadata"]["name"]): set(each.get("stringData") or each["data"])
        for each in of_kind(objects, "Secret", "ConfigMap")
    }
    for name, pod in pods(objects):
        secrets = [volume["secret"] for volume in pod["spec"]["volumes"] if "secret" in volume]
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            read = {each["value"].rpartition("/")[2] for each in container.get("env", [])
                    if str(each.get("value")).startswith("/run/secrets/")}  # fmt: skip
            assert not read or read <= stored["Secret", secrets[0]["secretName"]], name
            for source in container.get("envFrom", []):
                assert ("ConfigMap", source["configMapRef"]["name"]) in stored, name


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


def test_the_operator_reads_web_pods_and_workers_under_the_jobs_of_the_alerts():
    objects = rendered(merged(values_of("large"), {}))
    jobs = {}
    for monitor in of_kind(objects, "PodMonitor"):
        [endpoint] = monitor["spec"]["podMetricsEndpoints"]
        [label] = endpoint["relabelings"]
        jobs[endpoint["port"]] = label["replacement"]
    config = yaml.load((CHECKOUT / "deploy/prometheus/prometheus.yml").read_text(), QUICK)
    assert list(jobs.values()) == [each["job_name"] for each in config["scrape_configs"]]
    opened = {
        port["name"]
        for _, one in containers(objects)
        for port in one.get("ports", [])
        if "parley" in one["image"]
    }
    assert opened == set(jobs)


def test_without_namespaces_no_other_pod_reaches_the_web_pods():
    """A rule whose `from` is empty would let everybody in."""
    none = {"networkPolicy": {"ingressNamespaces": [], "prometheusNamespaces": []}}
    for each in of_kind(rendered(merged(REQUIRED, none)), "NetworkPolicy"):
        assert all(rule["from"] for rule in each["spec"].get("ingress") or []), each["metadata"]


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


@pytest.mark.skipif(not shutil.which("jq"), reason="no jq: apt-get install jq")
def test_the_page_makes_a_pod_for_a_restore():
    page = (CHECKOUT / "docs" / "kubernetes.md").read_text()
    [program] = re.findall(r"\| jq '(.*?)'", page, re.DOTALL)
    objects = rendered(REQUIRED)
    [files] = [each for each in objects if each["kind"] == "Deployment"
               and each["metadata"]["name"] == "parley-worker-files"]  # fmt: skip
    made = subprocess.run(
        ["jq", program], input=json.dumps(files), capture_output=True, text=True, check=True
    )
    pod = json.loads(made.stdout)
    kubernetes_validate.validate(pod, VERSIONS[0], strict=True)
    # The network policies know it by its labels.
    assert pod["metadata"]["labels"] == files["spec"]["template"]["metadata"]["labels"]
    assert pod["spec"]["containers"][0]["command"] == ["sleep", "1d"]


def test_a_secret_of_ones_own_takes_the_place_of_the_charts():
    own = {"secret": {"existing": "mine", "keys": ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"]}}
    objects = rendered(merged({"image": REQUIRED["image"], "host": "chat.example.org"}, own))
    assert of_kind(objects, "Secret") == []
    volumes = [volume for _, pod in pods(objects) for volume in pod["spec"]["volumes"]]
    assert {volume["secret"]["secretName"] for volume in volumes if "secret" in volume} == {"mine"}
    web = {each["name"] for name, one in containers(objects) if name == "parley-web/web"
           for each in one["env"]}  # fmt: skip
    assert {"DATABASE_URL_FILE", "S3_ACCESS_KEY_ID_FILE", "S3_SECRET_ACCESS_KEY_FILE"} <= web


def test_workers_take_from_the_queues_of_the_compose_file(objects):
    services = yaml.load((CHECKOUT / "docker-compose.yml").read_text(), QUICK)["services"]

    def queues(commands: list[list[str]]) -> set[str]:
        return {
            command[command.index("--queues") + 1] if "--queues" in command else ""
            for command in commands
            if "worker" in command
        }

    def options(commands: list[list[str]]) -> list[set[str]]:
        return [{word for word in command if word.startswith("--w")}
                for command in commands if "worker" in command]  # fmt: skip

    ours = [one["command"] for _, one in containers(objects) if "celery" in one.get("command", [])]
    theirs = [one["command"] for one in services.values() if "celery" in one.get("command", [])]
    assert queues(ours) == queues(theirs)
    assert options(ours) == options(theirs)
    probes = [
        (one["command"][one["command"].index("--hostname") + 1], one["livenessProbe"])
        for _, one in containers(objects)
        if "worker" in one.get("command", [])
    ]
    for name, probe in probes:
        # Asks the worker by its name, and is content while the broker is away.
        asks = ["python", "-m", "chatproject.run.worker_probe", name.removesuffix("@%h")]
        assert probe["exec"]["command"] == asks


def test_the_page_says_what_each_size_takes():
    page = (CHECKOUT / "docs" / "kubernetes.md").read_text()
    for size in SIZES:
        objects = rendered(values_of(size))
        cpu, memory, count = 0, 0, 0
        for each in of_kind(objects, "Deployment", "StatefulSet"):
            name = each["metadata"]["name"]
            scaled = [
                one["spec"]["minReplicas"]
                for one in of_kind(objects, "HorizontalPodAutoscaler")
                if one["spec"]["scaleTargetRef"]["name"] == name
            ]
            replicas = scaled[0] if scaled else each["spec"].get("replicas", 1)
            count += replicas
            for container in each["spec"]["template"]["spec"]["containers"]:
                requests = container["resources"]["requests"]
                cpu += replicas * millicores(str(requests["cpu"]))
                memory += replicas * int(requests["memory"][:-2]) * UNITS[requests["memory"][-2:]]
        row = rf"^\| `{size}` \|.*\| {count} \| {cpu / 1000:.2f} \| {memory / 1024:.1f} GiB \|"
        assert re.search(row, page, re.M), (size, count, cpu, memory)


def millicores(request: str) -> int:
    return int(request[:-1]) if request.endswith("m") else int(request) * 1000


def test_autoscalers_ask_for_what_the_adapter_answers():
    rules = yaml.load((CHECKOUT / "deploy/prometheus/adapter.yaml").read_text(), QUICK)["rules"]
    answered = {each["name"]["as"] for each in [*rules["custom"], *rules["external"]]}
    asked = {
        (one.get("pods") or one["external"])["metric"]["name"]
        for size in SIZES
        for scaler in of_kind(rendered(values_of(size)), "HorizontalPodAutoscaler")
        for one in scaler["spec"]["metrics"]
        if one["type"] != "Resource"
    }
    assert asked == answered
