"""`python -m tests.support.system_packages`: install programs for tests if they are missing.

Prints which tests will be skipped if they cannot be installed.
"""

import os
import shutil
import subprocess

from tests.support import browser

CHROMIUM = "chromium"
# Debian's packages, by the programs in them.
PACKAGES = {
    CHROMIUM: CHROMIUM,
    browser.SHELL: browser.SHELL,
    "exiftool": "libimage-exiftool-perl",
    "pgbouncer": "pgbouncer",
    "promtool": "prometheus",
    "redis-server": "redis-server",
    "pg_ctlcluster": "postgresql",
    "ip": "iproute2",
}


def main() -> None:
    """Install Chromium, its headless shell (faster, and enough for most tests), ExifTool, and
    Prometheus for its promtool."""
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if "CHROMIUM" in os.environ:
        missing = [package for package in missing if not package.startswith("chromium")]
    if not missing:
        return
    reason = _cannot_install(missing)
    if reason is None:
        print("Installing Debian packages for tests:", *missing, flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        reason = "apt-get could not install it"
    if not browser.executable(whole=True):
        print(f"Browser journeys will be skipped: no Chromium, and {reason}.", flush=True)
    elif not shutil.which(browser.SHELL):
        print(f"Browser journeys take longer: no {browser.SHELL}, and {reason}.", flush=True)
    if not shutil.which("exiftool"):
        print(f"A test of metadata in pictures will be skipped: no exiftool, and {reason}.")
    if not shutil.which("promtool"):
        print(f"Tests that fire the alerts will be skipped: no promtool, and {reason}.")
    if not all(shutil.which(name) for name in ("redis-server", "pg_ctlcluster")):
        print(f"Tests of docker-compose.yml will be skipped: a server is missing, and {reason}.")


def _cannot_install(packages: list[str]) -> str | None:
    if not shutil.which("apt-get"):
        return "this is not Debian; install one, or set CHROMIUM to its path"
    if os.geteuid() != 0:
        return f"only root may install it: apt-get install {' '.join(packages)}"
    return None


if __name__ == "__main__":
    main()
