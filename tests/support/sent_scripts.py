"""`python -m tests.support.sent_scripts`: every script is sent as the program that was written.

Shortens each script below static/ as collecting does, and compares the syntax trees of source and
result with a real parser. Exits with the names of scripts that changed. The parser is for checks
only: a release is made without Node.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from apps.core.minify_js import served_script
from chatproject.run.data_dir import CHECKOUT

STATIC = CHECKOUT / "static"


def main() -> int:
    """Returns the exit code of the comparison."""
    node = Path(sys.executable).with_name("node")
    with tempfile.TemporaryDirectory() as folder:
        for source in STATIC.rglob("*.js"):
            name = source.relative_to(STATIC)
            sent = Path(folder) / name
            sent.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8")
            sent.write_text(served_script(name.as_posix(), text), encoding="utf-8")
        comparison = [node, "tests/support/same_programs.mjs", STATIC, folder]
        return subprocess.run(comparison, cwd=CHECKOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
