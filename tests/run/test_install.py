"""The installer of `make run` and `make test`: what it installs, and when it does nothing."""

import ast
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from chatproject.run import install
from chatproject.run.data_dir import CHECKOUT

SCRIPT = "chatproject/run/install.py"
UV = Path(sys.executable).with_name("uv")


def pins(lock: str) -> set[str]:
    """All `name==version` of a lock."""
    text = (CHECKOUT / "requirements" / f"{lock}.txt").read_text()
    return set(re.findall(r"^([a-z0-9._-]+==\S+)", text, re.MULTILINE))


class Checkout:
    """A checkout with uv in its .venv, whose locks contain small wheels of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / SCRIPT).parent.mkdir(parents=True)
        shutil.copy(CHECKOUT / SCRIPT, root / SCRIPT)
        (root / "requirements").mkdir()
        shutil.copy(CHECKOUT / "requirements/uv.txt", root / "requirements/uv.txt")
        venv.create(root / ".venv", symlinks=True)
        (root / ".venv/bin/uv").symlink_to(UV)
        self.write_lock("embedded", "server==1")
        self.write_lock("test", "server==1", "pytest==1")

    def write_lock(self, lock: str, *pins: str) -> None:
        """Replace a lock."""
        lines = [self._requirement(*pin.split("==")) for pin in pins]
        (self.root / f"requirements/{lock}.txt").write_text("\n".join(lines) + "\n")

    def install(self, lock: str) -> subprocess.CompletedProcess[str]:
        """Run the installer without network access."""
        return subprocess.run(
            [sys.executable, "-I", SCRIPT, lock],
            cwd=self.root,
            env={**os.environ, "UV_CACHE_DIR": str(self.root / "cache"), "UV_OFFLINE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def installed(self) -> set[str]:
        """`name==version` of the packages in .venv."""
        folders = (self.root / ".venv/lib").glob("python*/site-packages/*.dist-info")
        return {folder.name.removesuffix(".dist-info").replace("-", "==") for folder in folders}

    def _requirement(self, name: str, version: str) -> str:
        wheel = self.root / f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        files = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{name}-{version}.data/scripts/{name}": "#!python\n",
        }
        files[f"{info}/RECORD"] = "".join(
            f"{file},sha256={_record_hash(text)},{len(text)}\n" for file, text in files.items()
        )
        with zipfile.ZipFile(wheel, "w") as archive:
            for file, text in files.items():
                archive.writestr(zipfile.ZipInfo(file), text)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        return f"{name} @ {wheel.as_uri()} --hash=sha256:{digest}"


def _record_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout into whose .venv no lock was installed."""
    return Checkout(tmp_path)


def test_each_lock_contains_the_smaller_ones():
    assert pins("base") < pins("embedded") < pins("test")


@pytest.mark.parametrize("lock", ["uv", "base", "embedded", "test"])
def test_every_locked_package_has_hashes(lock):
    text = (CHECKOUT / "requirements" / f"{lock}.txt").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(lock)) > 0
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_a_lock_is_installed_once(checkout):
    first = checkout.install("embedded")
    assert first.returncode == 0, first.stderr
    assert first.stdout == "Installing requirements/embedded.txt\n"
    assert checkout.installed == {"server==1"}
    assert checkout.install("embedded").stdout == ""


def test_a_changed_lock_is_installed(checkout):
    checkout.install("embedded")
    checkout.write_lock("embedded", "server==2")
    assert checkout.install("embedded").stdout == "Installing requirements/embedded.txt\n"
    assert checkout.installed == {"server==2"}


def test_a_package_that_the_lock_does_not_name_stays(checkout):
    checkout.write_lock("embedded", "server==1", "another==1")
    checkout.install("embedded")
    checkout.write_lock("embedded", "server==2")
    checkout.install("embedded")
    assert checkout.installed == {"server==2", "another==1"}
    assert checkout.install("embedded").stdout == ""


def test_a_package_that_was_deleted_is_installed_again(checkout):
    checkout.install("embedded")
    [folder] = (checkout.root / ".venv/lib").glob("python*/site-packages/server-1.dist-info")
    shutil.rmtree(folder)
    checkout.install("embedded")
    assert checkout.installed == {"server==1"}


def test_an_environment_for_running_is_not_enough_for_tests(checkout):
    checkout.install("embedded")
    assert checkout.install("test").stdout == "Installing requirements/test.txt\n"
    assert checkout.installed == {"server==1", "pytest==1"}


def test_an_environment_for_tests_is_enough_for_running(checkout):
    checkout.install("test")
    assert checkout.install("embedded").stdout == ""


def test_make_run_keeps_the_test_packages(checkout):
    checkout.install("test")
    checkout.write_lock("embedded", "server==2")
    checkout.install("embedded")
    assert checkout.installed == {"server==2", "pytest==1"}


def test_a_wrong_hash_is_refused_with_the_reason(checkout):
    lock = checkout.root / "requirements/embedded.txt"
    lock.write_text(re.sub("sha256:.*", "sha256:" + "0" * 64, lock.read_text()))
    refused = checkout.install("embedded")
    assert refused.returncode == 1
    assert "Hash mismatch" in refused.stderr
    assert "Could not install requirements/embedded.txt; the reason is above." in refused.stderr


def test_the_version_of_uv_is_compared_with_its_lock(checkout, monkeypatch):
    monkeypatch.setattr(install, "UV", str(checkout.root / ".venv/bin/uv"))
    assert install.uv_version() == install.locked_uv_version()
    monkeypatch.setattr(install, "UV", str(checkout.root / "missing"))
    assert install.uv_version() == ""


def test_an_old_python_exits_with_instructions(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"needs Python 3.11 or newer; .* is 3\.9\. .*PYTHON="):
        install.require_new_python()


def test_an_old_python_can_read_the_installer():
    ast.parse((CHECKOUT / SCRIPT).read_text(), feature_version=(3, 5))
