"""`python -m tests.support.served_scripts`: check that minifying leaves every program the same.

Minifies each script below static/ as collectstatic does, and compares the syntax trees of source
and result with a real parser. Prints the names of scripts that differ. The parser is for checks
only: a release needs no Node.
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
            served = Path(folder) / name
            served.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8")
            served.write_text(served_script(name.as_posix(), text), encoding="utf-8")
        comparison = [node, "tests/support/same_programs.mjs", STATIC, folder]
        return subprocess.run(comparison, cwd=CHECKOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
