"""Installs what one lock file says into .venv: `python3 -I chatproject/run/install.py LOCK`.

Needs nothing but Python and its venv module. Any Python 3 can read this file, so that an
old one can be told so. Does nothing when the environment already holds the lock.
"""

import hashlib
import os
import shutil
import subprocess
import sys

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(CHECKOUT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
MIN_PYTHON = (3, 11)
# Each lock holds all of those before it, at the same versions.
LOCKS = ("base", "embedded", "test")


def main() -> None:
    """Bring .venv in line with the lock named on the command line, or the larger one it holds."""
    require_new_python()
    if not is_usable(PYTHON):
        create_venv()
    wanted = LOCKS.index(sys.argv[1])
    held = [LOCKS.index(lock) for lock in LOCKS if os.path.exists(stamp_path(lock))]
    lock = LOCKS[max([wanted, *held])]
    if read(stamp_path(lock)) == digest(lock):
        return
    print("Installing requirements/%s.txt" % lock, flush=True)
    install_uv()
    sync(lock)
    with open(stamp_path(lock), "w") as file:
        file.write(digest(lock))


def require_new_python() -> None:
    """Go on with a newer Python of this machine when this one is too old."""
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


def create_venv() -> None:
    """Make .venv, again when its Python has gone or is too old."""
    print("Making .venv with Python %d.%d" % sys.version_info[:2], flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.call([sys.executable, "-m", "venv", VENV]) != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "This Python cannot make virtual environments: install its venv module "
            "(Debian and Ubuntu: apt install python3-venv)."
        )


def install_uv() -> None:
    """Install uv, which does the rest ten times faster than pip."""
    lock = os.path.join("requirements", "uv.txt")
    if read(os.path.join(VENV, "uv-installed")) == digest("uv"):
        return
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if subprocess.call([*pip, "--require-hashes", "--requirement", lock], cwd=CHECKOUT) != 0:
        sys.exit("Could not install uv; the reason is above.")
    with open(os.path.join(VENV, "uv-installed"), "w") as file:
        file.write(digest("uv"))


def sync(lock: str) -> None:
    """Make the environment hold exactly the lock; without a network, from uv's cache."""
    uv = [os.path.join(VENV, "bin", "uv"), "--quiet", "pip", "sync", "--require-hashes"]
    arguments = ["--python", PYTHON, os.path.join("requirements", "%s.txt" % lock)]
    if subprocess.call([*uv, *arguments], cwd=CHECKOUT) != 0:
        print("Trying again from the cache", flush=True)
        if subprocess.call([*uv, "--offline", *arguments], cwd=CHECKOUT) != 0:
            sys.exit("Could not install requirements/%s.txt; the reason is above." % lock)


def is_usable(python: str) -> bool:
    """Whether that interpreter starts and is new enough."""
    check = "import sys; sys.exit(sys.version_info < (%d, %d))" % MIN_PYTHON
    try:
        return subprocess.call([python, "-c", check], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def stamp_path(lock: str) -> str:
    """Holds the digest of the lock that .venv was last brought in line with."""
    return os.path.join(VENV, "lock-" + lock)


def digest(lock: str) -> str:
    """Of a lock file's text."""
    return hashlib.sha256(
        read(os.path.join(CHECKOUT, "requirements", lock + ".txt")).encode()
    ).hexdigest()


def read(path: str) -> str:
    """The file's text, empty when there is none."""
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


if __name__ == "__main__":
    main()
