"""`python -m tests.support.system_packages`: install Chromium for tests if it is missing.

Prints which tests will be skipped if it cannot be installed.
"""

import os
import shutil
import subprocess

from tests.support import browser

# The names of Debian's packages and of the programs in them.
PACKAGES = ("chromium", browser.SHELL)


def main() -> None:
    """Install Chromium and its headless shell, which is faster and enough for most tests."""
    if "CHROMIUM" in os.environ or all(map(shutil.which, PACKAGES)):
        return
    reason = _cannot_install()
    if reason is None:
        print("Installing Debian's Chromium for the browser journeys", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        reason = "apt-get could not install it"
    if not browser.executable(whole=True):
        print(f"Browser journeys will be skipped: no Chromium, and {reason}.", flush=True)
    elif not shutil.which(browser.SHELL):
        print(f"Browser journeys take longer: no {browser.SHELL}, and {reason}.", flush=True)


def _cannot_install() -> str | None:
    if not shutil.which("apt-get"):
        return "this is not Debian; install one, or set CHROMIUM to its path"
    if os.geteuid() != 0:
        return f"only root may install it: apt-get install {' '.join(PACKAGES)}"
    return None


if __name__ == "__main__":
    main()
