"""Installs a lock file into .venv: `python3 -I chatproject/run/install.py LOCK`.

Needs only Python with its venv module; uv does the rest. Compatible with every Python 3, so that
an old version can print what to do. Takes a fraction of a second when .venv already has what is in
the lock: uv compares the installed packages with it and needs no network for that. Packages that
the lock does not name stay: an operator may have installed some for their own gateways.
"""

import os
import re
import shutil
import subprocess
import sys

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(CHECKOUT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
UV = os.path.join(VENV, "bin", "uv")
MIN_PYTHON = (3, 11)


def main() -> None:
    """Install the lock named on the command line."""
    require_new_python()
    if not is_usable(PYTHON):
        create_venv()
    if uv_version() != locked_uv_version():
        install_uv()
    lock = sys.argv[1]
    if has_packages(lock):
        return
    print("Installing requirements/%s.txt" % lock, flush=True)
    # From uv's cache if that is complete, so that a repeated installation needs no network.
    if not install(lock, "--offline") and not install(lock, show_errors=True):
        sys.exit("Could not install requirements/%s.txt; the reason is above." % lock)


def require_new_python() -> None:
    """Restart with a newer Python of this machine if this one is too old. Exits without one."""
    if sys.version_info >= MIN_PYTHON:
        return
    for minor in range(14, MIN_PYTHON[1] - 1, -1):
        newer = shutil.which("python3.%d" % minor)
        if newer and is_usable(newer):
            os.execv(newer, [newer, "-I", *sys.argv])  # nosec B606
    sys.exit(
        "Parley needs Python 3.11 or newer; %s is %d.%d. Install one, or name it: "
        "make PYTHON=/path/to/python3.11 ..." % (sys.executable, *sys.version_info[:2])
    )


def is_usable(python: str) -> bool:
    """Whether that interpreter starts and is new enough."""
    check = "import sys; sys.exit(sys.version_info < (%d, %d))" % MIN_PYTHON
    try:
        return subprocess.call([python, "-c", check], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def create_venv() -> None:
    """Create .venv, replacing one whose Python is missing or too old."""
    print("Making .venv with Python %d.%d" % sys.version_info[:2], flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.call([sys.executable, "-m", "venv", VENV]) != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "This Python cannot make virtual environments: install its venv module "
            "(Debian and Ubuntu: apt install python3-venv)."
        )


def uv_version() -> str:
    """The version of the installed uv, or "" without one."""
    try:
        return str(subprocess.check_output([UV, "--version"]), "ascii").split()[1]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return ""


def locked_uv_version() -> str:
    """The version of uv in its lock."""
    with open(os.path.join(CHECKOUT, "requirements", "uv.txt")) as file:
        return str(re.findall(r"^uv==(\S+)", file.read(), re.MULTILINE)[0])


def install_uv() -> None:
    """Install uv with pip, which checks its hashes."""
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    lock = os.path.join("requirements", "uv.txt")
    if subprocess.call([*pip, "--require-hashes", "--requirement", lock], cwd=CHECKOUT) != 0:
        sys.exit("Could not install uv; the reason is above.")


def has_packages(lock: str) -> bool:
    """Whether .venv has the packages of the lock, in its versions."""
    command = [*uv_install(lock), "--dry-run", "--offline"]
    found = subprocess.run(command, cwd=CHECKOUT, capture_output=True)
    return found.returncode == 0 and b"Would make no changes" in found.stderr


def install(lock: str, *options: str, show_errors: bool = False) -> bool:
    """Install the packages of the lock. Returns whether it succeeded."""
    stderr = None if show_errors else subprocess.DEVNULL
    command = [*uv_install(lock), "--quiet", *options]
    return subprocess.call(command, cwd=CHECKOUT, stderr=stderr) == 0


def uv_install(lock: str) -> "list[str]":
    """The command that installs a lock."""
    file = os.path.join("requirements", "%s.txt" % lock)
    return [UV, "pip", "install", "--require-hashes", "--python", PYTHON, "--requirement", file]


if __name__ == "__main__":
    main()
