"""What tests need of the machine besides Python: `python -m tests.support.system_packages`.

Installs it where that is allowed, and says what will be skipped where it is not.
"""

import os
import shutil
import subprocess

from tests.support import browser

# Debian's names, and those of the programs.
PACKAGES = ("chromium", browser.SHELL)


def main() -> None:
    """See to a Chromium, and to the lighter one that most journeys run in."""
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
