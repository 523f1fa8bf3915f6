"""The second run of `make test`: which tests it names at its end."""

import os
import subprocess
import sys
from pathlib import Path

from chatproject.run.data_dir import CHECKOUT

TESTS = """
from pathlib import Path

def test_good(): pass
def test_bad(): assert False
def test_unsteady():
    ran_before = Path("ran").exists()
    Path("ran").touch()
    assert ran_before
"""


def run(folder: Path, module: str) -> subprocess.CompletedProcess[str]:
    """Run a module on the tests in `folder`, without the plugins of this project."""
    without = {"DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"}
    kept = {name: value for name, value in os.environ.items() if name not in without}
    return subprocess.run(
        [sys.executable, "-m", module, "test_samples.py"],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(CHECKOUT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_second_run_ends_with_the_tests_that_passed_only_then(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_samples.py").write_text(TESTS)
    assert run(tmp_path, "pytest").returncode == 1
    second = run(tmp_path, "tests.support.rerun")
    assert second.returncode == 1
    assert "1 failed, 1 passed" in second.stdout
    *_, count, _, name, _ = second.stdout.splitlines()
    assert count == "1 failed in the first run and passed alone:"
    assert name == "  test_samples.py::test_unsteady"


def test_a_second_run_in_which_all_fail_again_names_none(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_samples.py").write_text("def test_bad(): assert False")
    run(tmp_path, "pytest")
    second = run(tmp_path, "tests.support.rerun")
    assert second.returncode == 1
    assert "passed alone" not in second.stdout
