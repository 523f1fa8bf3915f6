"""X7, the lists of the admin: each page with a million people, or `--population`."""

import json
import subprocess
import sys

from bench.options import Options
from bench.report import Row, Target
from bench.stack import Stores

TIMES = 4
DATABASE = "million"
SLOWEST = Target(300, at_most=True)
NONE = Target(0, at_most=True)


def run(stores: Stores, options: Options) -> list[Row]:
    """Fill a database, then open every page as an administrator, one at a time."""
    if "parley" not in options.contestants:
        return []
    stores.make_database(DATABASE)
    environment = {
        **stores.environment(DATABASE),
        "DJANGO_SETTINGS_MODULE": "chatproject.settings",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    fill = [sys.executable, "-m", "bench.product.million", str(options.population)]
    subprocess.run(fill, env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "bench.product.admin_lists", str(TIMES)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for each in sorted(found, key=lambda each: -each["ms"]):
        print(
            f"  {each['ms']:7.1f} ms, {each['cpu_ms']:7.1f} of the processor, "
            f"{each['database_ms']:7.1f} in the database, {each['queries']:3} queries, "
            f"{each['most_rows']:6} rows  {each['page']}"
        )
    for each in found:
        for problem in each["problems"]:
            print(f"  {each['page']}: {problem}")
    slowest = max(each["ms"] for each in found)
    queries = max(each["queries"] for each in found)
    wrong = sum(bool(each["problems"]) for each in found)
    return [
        Row(row="X7", metric="slowest page", value=slowest, unit="ms", target=SLOWEST),
        Row(row="X7", metric="most queries of a page", value=queries, unit=""),
        Row(row="X7", metric="pages with problems", value=wrong, unit="", target=NONE),
    ]
