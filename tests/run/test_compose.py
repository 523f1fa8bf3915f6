"""docker-compose.yml: what it publishes, and what its Keycloak is given."""

import os
import re
import subprocess
from typing import Any

import pytest
import yaml
from django.db import connection

from chatproject.run import keycloak
from chatproject.run.data_dir import CHECKOUT
from chatproject.run.postgres_cluster import PostgresCluster, wheel_dir

COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRETS = ("KC_DB_PASSWORD", "KC_BOOTSTRAP_ADMIN_PASSWORD", "PARLEY_CLIENT_SECRET")
OWNER = """
SELECT r.rolname, a.rolpassword LIKE 'SCRAM%', r.rolsuper FROM pg_database d
JOIN pg_roles r ON r.oid = d.datdba JOIN pg_authid a ON a.oid = d.datdba WHERE datname = 'keycloak'
"""


def test_ports_are_published_on_loopback_only():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_every_service_that_goes_on_has_a_health_check():
    without = {
        name
        for name, service in SERVICES.items()
        if service["restart"] != "no" and not service.get("healthcheck") and name != "web"
    }
    assert without == set(), "web has the one of the image"


def test_keycloak_has_the_version_of_the_tests():
    assert SERVICES["keycloak"]["image"].endswith(f":{keycloak.VERSION}")


def test_keycloak_fills_in_the_realm_file():
    asked = set(re.findall(r"\$\{(\w+):", keycloak.REALM_FILE.read_text()))
    assert asked
    assert asked <= SERVICES["keycloak"]["environment"].keys()


@pytest.mark.parametrize("missing", [*SECRETS, ""])
def test_keycloak_does_not_start_without_secrets(missing, tmp_path):
    """With an empty one, the client would have no secret, or the one of the realm file."""
    shell, flag, script = SERVICES["keycloak"]["entrypoint"]
    program = tmp_path / "kc.sh"
    program.write_text("#!/bin/sh\necho started $*\n")
    program.chmod(0o700)
    script = script.replace("$$", "$").replace("/opt/keycloak/bin/kc.sh", str(program))
    given = {name: "" if name == missing else "secret" for name in SECRETS}
    done = subprocess.run(
        [shell, flag, script], env={**os.environ, **given}, capture_output=True, check=False
    )
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
