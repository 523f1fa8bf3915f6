"""The objects of the Helm chart are valid for Kubernetes and fit together."""

import json
import re
import shutil
import subprocess
from hashlib import sha256
from typing import Any

import kubernetes_validate
import pytest
import yaml

from chatproject.run.data_dir import CHECKOUT
from tests.run.chart import (
    HELM,
    KEY,
    QUICK,
    REQUIRED,
    SIZES,
    containers,
    helm,
    merged,
    of_kind,
    pods,
    rendered,
    values_of,
)

# The oldest version that the chart admits, and one of today.
VERSIONS = ["1.30", "1.37"]
# Objects of an extension, whose schema is not Kubernetes'.
EXTENSIONS = {"PodMonitor"}
UNITS = {"Mi": 1, "Gi": 1024}


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
