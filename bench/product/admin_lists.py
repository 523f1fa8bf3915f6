"""`python -m bench.product.admin_lists TIMES`: open the admin's pages, print what each took.

One line of JSON for each page: its path and status, the medians of all milliseconds, of those of
this process's processor time and of those in the database, the number of queries, the most rows
that one of them reads, and what is wrong with the page. With TIMES > 1 the first time, which fills
caches, does not count.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import django

from bench.product.million import ADMINISTRATOR

# Every eighth person has the first name; the others are rare, or nobody's.
OK = 200
SEARCHES = ("name1", "name417", "family417", "user777777", "nobody at all")


def main() -> None:
    """As the administrator."""
    times = int(sys.argv[1])
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from apps.accounts.models import User
    from bench.product.plans import read_by

    settings.STAFF_SECOND_FACTOR, settings.OIDC_ISSUER = False, "https://id.example.org"
    settings.SCIM_TOKEN, settings.ALLOWED_HOSTS = "bench" * 8, ["*"]
    client = Client()
    client.force_login(
        User.objects.get(username=ADMINISTRATOR), settings.AUTHENTICATION_BACKENDS[0]
    )
    for page in pages():
        spent, own, in_database, queries = [], [], [], []
        for _ in range(times):
            with CaptureQueriesContext(connection) as asked:
                began, began_own = time.perf_counter(), time.process_time()
                status = client.get(page).status_code
                spent.append(time.perf_counter() - began)
                own.append(time.process_time() - began_own)
            in_database.append(sum(float(each["time"]) for each in asked.captured_queries))
            queries.append(len(asked))
        most_rows, problems = read_by(each["sql"] for each in asked.captured_queries)
        if status != OK:
            problems.append(f"answers {status}")
        if len(set(queries[1:])) > 1:
            problems.append(f"asks {min(queries)} to {max(queries)} queries")
        print(
            json.dumps(
                {
                    "page": page,
                    "status": status,
                    "ms": _median_ms(spent),
                    "cpu_ms": _median_ms(own),
                    "database_ms": _median_ms(in_database),
                    "queries": max(queries),
                    "most_rows": most_rows,
                    "problems": problems,
                }
            ),
            flush=True,
        )


def _median_ms(seconds: list[float]) -> float:
    return round(1000 * statistics.median(seconds[1:] or seconds), 1)


def pages() -> Iterator[str]:
    """The index, the pages without a list; and of each list the first page, the second, each order,
    filter and search, and one row."""
    from django.contrib import admin
    from django.urls import reverse

    for page in ("index", "work", "storage"):
        yield reverse(f"admin:{page}")
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page = reverse(f"{name}_changelist")
        yield page
        for query in _queries(model_admin, page):
            yield f"{page}?{query}"
        if newest := model.objects.order_by("-pk").values_list("pk", flat=True).first():
            yield reverse(f"{name}_change", args=[newest])


def _queries(model_admin: Any, page: str) -> Iterator[str]:
    from urllib.parse import quote

    request = _request(page)
    changes = model_admin.get_changelist_instance(request)
    yield "p=2"
    columns = len(changes.list_display)
    orders = [n for n in range(1, columns) if n in changes.get_ordering_field_columns()]
    sortable = model_admin.get_sortable_by(request)
    orders += [
        n
        for n, column in enumerate(changes.list_display)
        if column in sortable and changes.get_ordering_field(column) and n not in orders
    ]
    yield from (f"o={sign}{n}" for n in orders for sign in ("", "-"))
    if model_admin.search_fields:
        yield from (f"q={quote(words)}" for words in SEARCHES)
    for each in changes.filter_specs:
        for choice in each.choices(changes):
            if choice["query_string"] not in ("", "?"):
                yield choice["query_string"].removeprefix("?")


def _request(page: str) -> Any:
    from django.test import RequestFactory

    from apps.accounts.models import User

    request = RequestFactory().get(page)
    request.user = User.objects.get(username=ADMINISTRATOR)
    return request


if __name__ == "__main__":
    main()
