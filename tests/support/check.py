"""All checks of `make check` except the tests."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from chatproject.run.data_dir import CHECKOUT
from tests.support import stores

BIN = Path(sys.executable).parent
Step = tuple[str, list[str]]


def steps() -> Iterator[Step]:
    """The name and the command of each check."""
    python = [sys.executable, "-W", "ignore"]
    yield "format", [tool("ruff"), "format", "--check", "--quiet", "."]
    yield "lint", [tool("ruff"), "check", "--quiet", "."]
    yield "types", [tool("mypy"), "--no-error-summary"]
    yield "imports", [tool("lint-imports")]
    yield "settings", [*python, "manage.py", "check", "--fail-level", "WARNING"]
    yield "migrations", [*python, "manage.py", "makemigrations", "--check", "--dry-run"]
    yield "expand only", [*python, "-m", "tests.support.migration_lint"]
    yield "wire", [*python, "manage.py", "wire", "--check"]
    yield "config", [*python, "manage.py", "config", "--check"]
    schema = ["--validate", "--fail-on-warn", "--file", os.devnull]
    yield "api schema", [*python, "manage.py", "spectacular", *schema]
    yield "templates", [tool("djlint"), "templates", "--lint", "--quiet"]
    yield (
        "dangers",
        [tool("bandit"), "-q", "-c", "pyproject.toml", "-r", "apps", "chatproject"],
    )
    yield "dependencies", [tool("deptry"), "."]
    yield "compose", compose()
    yield "image", [tool("hadolint"), "Dockerfile"]
    yield "licences", [*python, "-m", "tests.support.sbom", "--check"]
    install_npm_packages()
    yield "browser types", [tool("node"), "node_modules/typescript/bin/tsc", "--project", "."]
    yield "served scripts", [*python, "-m", "tests.support.served_scripts"]


def tool(name: str) -> str:
    """The path of a program in the test environment."""
    return str(BIN / name)


def compose() -> list[str]:
    """The check of the compose file against the published schema, which the tool contains."""
    schema = ["--builtin-schema", "vendor.compose-spec"]
    return [tool("check-jsonschema"), "--quiet", *schema, "docker-compose.yml"]


def install_npm_packages() -> None:
    """Install TypeScript and Acorn from npm when package-lock.json has changed. Node is a wheel."""
    installed = CHECKOUT / "node_modules/.package-lock.json"
    lock = CHECKOUT / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run([tool("npm"), "ci", "--silent", "--no-audit", "--no-fund"], check=True)


def main() -> int:
    """Run every check. Returns the number of failed ones."""
    os.chdir(CHECKOUT)
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    os.environ |= {"SECRET_KEY": "check", "REDIS_URL": "redis://check"}  # nothing connects to them
    postgres, os.environ["DATABASE_URL"] = stores.start_postgres()
    failed = sum(not run_step(name, command) for name, command in steps())
    postgres.stop()
    return failed


def run_step(name: str, command: list[str]) -> bool:
    """Run one check. Prints its result, and its output if it fails."""
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name:<14} {verdict:<6} {time.monotonic() - began:5.1f} s", flush=True)
    if done.returncode != 0:
        width = shutil.get_terminal_size().columns
        print("-" * width, done.stdout + done.stderr, "-" * width, sep="\n", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
