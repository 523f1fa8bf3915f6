"""`make run SSO=keycloak`: what it refuses before it starts anything."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from chatproject.config import environment
from chatproject.run import keycloak, keycloak_dev
from chatproject.run.address import Address
from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError
from chatproject.run.supervisor import Supervisor


def start(folder: Path) -> None:
    address = Address("127.0.0.1", 8000)
    keycloak_dev.start_if_wanted(Supervisor(folder / "status"), DataDir(folder), address)


def test_another_provider_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SSO", "okta")
    with pytest.raises(StartupError, match="SSO is 'okta'"):
        start(tmp_path)
    monkeypatch.setenv("SSO", "keycloak")
    monkeypatch.setenv("OIDC_ISSUER", "https://id.example.org")
    with pytest.raises(StartupError, match="names another one"):
        start(tmp_path)


def test_missing_programs_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SSO", "keycloak")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StartupError, match="needs java and mvn"):
        start(tmp_path)


def test_an_archive_that_is_not_the_expected_one_is_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    archive = tmp_path / "parley" / f"keycloak-quarkus-dist-{keycloak.VERSION}.tar.gz"
    archive.parent.mkdir()
    archive.write_bytes(b"something else")
    monkeypatch.setattr(keycloak, "missing_programs", list)
    with pytest.raises(StartupError, match="SHA-1"):
        keycloak.install()
    assert not archive.exists()
    assert not keycloak.distribution().exists()


@pytest.mark.parametrize("refused", [False, True])
def test_keycloak_is_told_where_the_product_listens(tmp_path, monkeypatch, capsys, refused):
    told = []

    def send_logouts_to(port, url):
        told.append(url)
        if refused:
            raise OSError("another password")

    monkeypatch.setenv("SSO", "keycloak")
    monkeypatch.setattr(environment, "set_default", lambda *_, **__: None)
    for name in ("install", "create_home", "service"):
        monkeypatch.setattr(keycloak, name, lambda *_, **__: None)
    monkeypatch.setattr(keycloak, "send_logouts_to", send_logouts_to)
    supervisor = Mock(spec=Supervisor)
    keycloak_dev.start_if_wanted(supervisor, DataDir(tmp_path), Address("0.0.0.0", 8437))
    assert told == ["http://127.0.0.1:8437/accounts/sso/backchannel-logout"]
    said = capsys.readouterr().out
    assert ("another password" in said) is refused
    assert "http://127.0.0.1:8180/admin" in said


def test_without_it_nothing_starts(tmp_path, monkeypatch):
    monkeypatch.delenv("SSO", raising=False)
    start(tmp_path)
    assert list(tmp_path.iterdir()) == []
