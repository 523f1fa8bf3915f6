"""`python -m tests.support.rerun TESTS`: run failed tests again, one at a time.

The last lines name the tests that failed first and passed now. Such a test depends on what runs at
the same time: find out why, before it hides a fault.
"""

import json
import subprocess
import sys
from pathlib import Path

LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def main() -> int:
    """Returns the exit code of the second run."""
    print("\nRunning the failed tests again, one at a time\n", flush=True)
    before = _last_failed()
    options = ("--last-failed", "--last-failed-no-failures", "none")
    status = subprocess.call([sys.executable, "-m", "pytest", *options, *sys.argv[1:]])
    if passed := sorted(before - _last_failed()):
        print(f"\n{'!' * 88}")
        print(f"{len(passed)} failed in the first run and passed alone:\n")
        print("\n".join(f"  {name}" for name in passed))
        print("!" * 88, flush=True)
    return status


def _last_failed() -> set[str]:
    return set(json.loads(LAST_FAILED.read_text())) if LAST_FAILED.exists() else set()


if __name__ == "__main__":
    sys.exit(main())
