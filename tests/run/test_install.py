"""The installer of `make run` and `make test`: what it installs, and when it does nothing."""

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chatproject.run import install
from chatproject.run.data_dir import CHECKOUT

SCRIPT = "chatproject/run/install.py"


def pins(lock: str) -> set[str]:
    """All `name==version` of a lock."""
    text = (CHECKOUT / "requirements" / f"{lock}.txt").read_text()
    return set(re.findall(r"^([a-z0-9._-]+==\S+)", text, re.MULTILINE))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a .venv into which no lock was installed."""
    shutil.copytree(CHECKOUT / "requirements", tmp_path / "requirements")
    (tmp_path / SCRIPT).parent.mkdir(parents=True)
    shutil.copy(CHECKOUT / SCRIPT, tmp_path / SCRIPT)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    return tmp_path


def stamp(checkout: Path, lock: str) -> None:
    """Record a lock as installed."""
    text = (checkout / "requirements" / f"{lock}.txt").read_bytes()
    (checkout / ".venv" / f"lock-{lock}").write_text(hashlib.sha256(text).hexdigest())


def run(checkout: Path, lock: str) -> subprocess.CompletedProcess[str]:
    """Run the installer without network access."""
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, lock],
        cwd=checkout,
        env={
            **os.environ,
            "PIP_INDEX_URL": "http://127.0.0.1:9/",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_lock_contains_the_smaller_ones() -> None:
    assert pins("base") < pins("embedded") < pins("test")


@pytest.mark.parametrize("lock", ["uv", "base", "embedded", "test"])
def test_every_locked_package_has_hashes(lock: str) -> None:
    text = (CHECKOUT / "requirements" / f"{lock}.txt").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(lock)) > 0
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_an_environment_with_the_same_lock_is_not_touched(checkout: Path) -> None:
    stamp(checkout, "embedded")
    assert run(checkout, "embedded").returncode == 0


def test_an_environment_for_tests_is_enough_for_running(checkout: Path) -> None:
    stamp(checkout, "test")
    assert run(checkout, "embedded").returncode == 0


def test_an_environment_for_running_is_not_enough_for_tests(checkout: Path) -> None:
    stamp(checkout, "embedded")
    refused = run(checkout, "test")
    assert refused.returncode == 1
    assert "Could not install" in refused.stderr


def test_a_changed_lock_is_installed(checkout: Path) -> None:
    stamp(checkout, "embedded")
    with (checkout / "requirements/embedded.txt").open("a") as lock:
        lock.write("# another one\n")
    assert run(checkout, "embedded").returncode == 1


def test_make_run_keeps_the_test_packages(checkout: Path) -> None:
    stamp(checkout, "embedded")
    (checkout / ".venv/lock-test").write_text("of an older lock")
    assert "requirements/test.txt" in run(checkout, "embedded").stdout


def test_an_old_python_exits_with_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"needs Python 3.11 or newer; .* is 3\.9\. .*PYTHON="):
        install.require_new_python()


def test_an_old_python_can_read_the_installer() -> None:
    ast.parse((CHECKOUT / SCRIPT).read_text(), feature_version=(3, 5))
