"""docker-compose.yml: what it publishes, and what its Keycloak is given."""

import json
import os
import re
import subprocess
from hashlib import sha256
from ipaddress import ip_address, ip_network

import pytest
from django.db import connection
from environ import Env
from redis.connection import parse_url

from apps.core.task_wakeup import broker_outages
from chatproject.beat import Scheduler
from chatproject.celery import app
from chatproject.config.table import SETTINGS
from chatproject.run import keycloak
from chatproject.run.data_dir import CHECKOUT
from chatproject.run.postgres_cluster import PostgresCluster, wheel_dir
from tests.support.deployed import COMPOSE, SERVICES, filled

SECRETS = ("keycloak_database_password", "keycloak_admin_password", "oidc_client_secret")
OWNER = """
SELECT r.rolname, a.rolpassword LIKE 'SCRAM%', r.rolsuper FROM pg_database d
JOIN pg_roles r ON r.oid = d.datdba JOIN pg_authid a ON a.oid = d.datdba WHERE datname = 'keycloak'
"""


def test_only_the_proxy_publishes_ports():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    ports = [filled(each, {"HTTPS_PORT": "8443"}) for each in SERVICES["proxy"]["ports"]]
    # PUBLIC_URL has the port, and so the proxy listens there.
    assert ports == ["80:80", "8443:8443"]


def test_only_the_proxy_is_believed_about_addresses_of_clients():
    """Users of the machine reach the web processes, from the gateway of the network."""
    network = ip_network(filled(COMPOSE["networks"]["edge"]["ipam"]["config"][0]["subnet"], {}))
    proxy = filled(SERVICES["proxy"]["networks"]["edge"]["ipv4_address"], {})
    assert ip_address(proxy) == list(network.hosts())[-1]
    for name in ("web", "release"):
        assert filled(SERVICES[name]["environment"]["TRUSTED_PROXIES"], {}) == proxy


def test_containers_are_limited_and_have_no_capabilities():
    for name, service in SERVICES.items():
        assert service["deploy"]["resources"]["limits"].keys() == {"memory", "pids"}, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    with_more = {name for name, each in SERVICES.items() if each.get("cap_drop") != ["ALL"]}
    assert with_more == {"seaweedfs"}
    writable = {name for name, each in SERVICES.items() if not each.get("read_only")}
    assert writable == {"seaweedfs", "keycloak"}


def test_logs_of_containers_do_not_fill_the_disk():
    for name, service in SERVICES.items():
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name


def test_every_image_has_an_exact_version():
    images = {each["image"] for each in SERVICES.values()} - {"parley"}
    dockerfile = (CHECKOUT / "Dockerfile").read_text()
    images |= set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE))
    assert [each for each in images if not re.search(r":v?\d+\.\d+", each)] == []


def test_secrets_are_files_that_one_command_creates(tmp_path):
    run = [CHECKOUT / "deploy/create-secrets", tmp_path / "secrets"]
    subprocess.run(run, env={**os.environ, "ENV_FILE": os.devnull}, check=True)
    files = {each.name: each.read_bytes() for each in (tmp_path / "secrets").iterdir()}
    assert COMPOSE["secrets"] == {
        name: {"file": f"./deploy/secrets/{name}"} for name in files if name != "ca.key"
    }
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert (tmp_path / "secrets/ca.key").stat().st_mode & 0o077 == 0
    subprocess.run(run, env={**os.environ, "ENV_FILE": os.devnull}, check=True)
    assert {each.name: each.read_bytes() for each in (tmp_path / "secrets").iterdir()} == files


def test_values_of_a_former_env_file_stay(tmp_path):
    (tmp_path / "env").write_text("SECRET_KEY=former\nPOSTGRES_PASSWORD=abc\nPORT=8000\n")
    run = [CHECKOUT / "deploy/create-secrets", tmp_path / "secrets"]
    subprocess.run(run, env={**os.environ, "ENV_FILE": str(tmp_path / "env")}, check=True)
    assert (tmp_path / "secrets/secret_key").read_text() == "former"
    assert "//parley:abc@postgres/" in (tmp_path / "secrets/database_url").read_text()


def test_passwords_of_a_former_env_file_may_have_any_character(tmp_path):
    hard = "p@s/w?#%&\\é: "
    lines = f"POSTGRES_PASSWORD='{hard}'\r\nVALKEY_PASSWORD=\"{hard}\"\n"
    (tmp_path / "env").write_bytes(lines.encode())
    secrets = tmp_path / "secrets"
    environment = {**os.environ, "ENV_FILE": str(tmp_path / "env")}
    subprocess.run([CHECKOUT / "deploy/create-secrets", secrets], env=environment, check=True)
    assert (secrets / "postgres_password").read_text() == hard
    database = Env.db_url_config((secrets / "database_url").read_text())
    assert (database["PASSWORD"], database["HOST"]) == (hard, "postgres")
    redis = parse_url((secrets / "redis_url").read_text())
    assert (redis["password"], redis["host"]) == (hard, "valkey")

    shell, flag, script = SERVICES["valkey"]["entrypoint"][:3]
    script = script.replace("$$", "$").replace("/tmp/users.acl", str(tmp_path / "users.acl"))
    script = script.replace("/run/secrets", str(secrets)).replace("exec valkey-server", "exec echo")
    script = script.replace("/etc/valkey", str(CHECKOUT / "deploy/valkey"))
    subprocess.run([shell, flag, script], check=True, capture_output=True)
    rules = (tmp_path / "users.acl").read_text().split()
    assert f"#{sha256(hard.encode()).hexdigest()}" in rules


def test_each_service_has_the_secrets_that_it_names():
    for name, service in SERVICES.items():
        text = json.dumps(service)
        named = set(re.findall(r"/run/secrets/([\w.]+)", text)) - {"valkey.conf"}
        assert named <= set(service.get("secrets", [])), name
        # Users of the machine can read the arguments of processes.
        arguments = " ".join(service.get("entrypoint", [])).partition("exec ")[2]
        assert not re.search("PASSWORD|SECRET", arguments), name


def test_each_service_has_only_the_secrets_that_it_needs():
    """Somebody who gets into a web process does not read or delete the backups."""
    for name, service in SERVICES.items():
        if service["image"] != "parley":
            continue
        needed = {each.name for each in SETTINGS if each.secret and each.in_compose
                  and (not each.only_for or name in each.only_for)}  # fmt: skip
        read = {each.removesuffix("_FILE") for each in service["environment"]
                    if each.endswith("_FILE")}  # fmt: skip
        assert read == needed, name
        assert set(service["secrets"]) == {each.lower() for each in needed} | {"ca.crt"}, name


def test_the_example_names_what_compose_reads():
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    named = {line.lstrip("#").partition("=")[0] for line in lines if re.match(r"#?[A-Z_]+=", line)}
    read = set(re.findall(r"\$\{(\w+)", (CHECKOUT / "docker-compose.yml").read_text()))
    assert named <= read
    assert "PUBLIC_URL" in named


def test_every_service_that_goes_on_has_a_health_check():
    without = {
        name
        for name, service in SERVICES.items()
        if service["restart"] != "no" and not service.get("healthcheck") and name != "web"
    }
    assert without == set(), "web has the one of the image"


def test_beat_is_healthy_while_the_broker_is_away(tmp_path):
    class Away:
        def ensure_connection(self, errback):
            errback(ConnectionError("refused"), 2.0)

    shell, script = SERVICES["beat"]["healthcheck"]["test"]
    check = ["sh", "-c", script.replace("$$", "$").replace("/tmp", str(tmp_path))]
    assert (shell, subprocess.run(check, check=False).returncode) == ("CMD-SHELL", 1)
    scheduler = Scheduler(app, schedule_filename=str(tmp_path / "beat"), lazy=True)
    scheduler.connection = Away()
    scheduler._ensure_connected()
    broker_outages.recovered()
    assert subprocess.run(check, check=False).returncode == 0


def test_postgres_is_healthy_only_when_others_reach_it():
    """While the image creates the cluster, its server listens on the socket alone."""
    assert "--host" in SERVICES["postgres"]["healthcheck"]["test"]


def test_a_store_may_take_minutes_to_start():
    """What depends on a container that counts as unhealthy by then is not started at all."""
    for name in ("postgres", "seaweedfs", "keycloak"):
        start = SERVICES[name]["healthcheck"]["start_period"]
        assert int(start.removesuffix("s")) >= 300, name


def test_keycloak_has_the_version_of_the_tests():
    assert SERVICES["keycloak"]["image"].endswith(f":{keycloak.VERSION}")


def test_keycloak_fills_in_the_realm_file():
    asked = set(re.findall(r"\$\{(\w+):", keycloak.REALM_FILE.read_text()))
    assert asked
    given = SERVICES["keycloak"]["environment"].keys() | {"PARLEY_CLIENT_SECRET"}
    assert asked <= given
    assert "PARLEY_CLIENT_SECRET=" in SERVICES["keycloak"]["entrypoint"][2]


@pytest.mark.parametrize("missing", [*SECRETS, ""])
def test_keycloak_does_not_start_without_secrets(missing, tmp_path):
    """With an empty one, the client would have no secret, or the one of the realm file."""
    shell, flag, script = SERVICES["keycloak"]["entrypoint"]
    program = tmp_path / "kc.sh"
    program.write_text("#!/bin/sh\necho started $*\n")
    program.chmod(0o700)
    script = script.replace("$$", "$").replace("/opt/keycloak/bin/kc.sh", str(program))
    for name in SECRETS:
        (tmp_path / name).write_text("" if name == missing else "secret")
    script = script.replace("/run/secrets", str(tmp_path))
    done = subprocess.run([shell, flag, script], capture_output=True, check=False)
    assert (done.returncode == 0) is (missing == "")
    assert done.stdout.decode() == ("" if missing else "started start --import-realm\n")


def test_the_cluster_of_postgres_can_be_created(tmp_path):
    arguments = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    server = PostgresCluster(tmp_path / "data", tmp_path)
    # As in `docker-entrypoint.sh` of the image.
    server.run("initdb", "--pgdata", str(server.data), "--username", "parley", *arguments)
    assert server.data.joinpath("PG_VERSION").exists()


@pytest.mark.django_db(transaction=True)
def test_the_database_of_keycloak_is_created_once():
    params = connection.get_connection_params()
    program, *arguments, path = SERVICES["keycloak-database"]["command"]
    command = [str(wheel_dir() / "pginstall/bin" / program), *arguments]
    command.append(str(CHECKOUT / "deploy/keycloak" / path.removeprefix("/")))
    variables = {"PGHOST": params["host"], "PGUSER": params["user"], "PGDATABASE": params["dbname"]}
    variables["KEYCLOAK_DATABASE_PASSWORD"] = "it's a secret"
    try:
        for _ in range(2):
            subprocess.run(command, env={**os.environ, **variables}, check=True)
        with connection.cursor() as cursor:
            cursor.execute(OWNER)
            assert cursor.fetchall() == [("keycloak", True, False)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS keycloak")
            cursor.execute("DROP ROLE IF EXISTS keycloak")
