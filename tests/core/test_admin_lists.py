"""Every list of the admin opens as fast with millions of rows as with a few."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core.bounded_paginator import MAX_COUNTED
from tests.support.people import person, signed_in

LISTS = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
]


@pytest.mark.parametrize("address", LISTS)
def test_no_list_counts_or_shows_everything(db, settings, address):
    settings.STAFF_SECOND_FACTOR = False
    client = signed_in(person("root", is_staff=True, is_superuser=True))
    # What the page links to, or what somebody types.
    for asked in ("", "?_facets=True", "?all=", "?q=a"):
        with CaptureQueriesContext(connection) as queries:
            client.get(address + asked)
        table = admin.site._registry
        own = [f'FROM "{model._meta.db_table}"' for model in table]
        counts = [
            each["sql"]
            for each in queries
            if "COUNT(" in each["sql"]
            and any(name in each["sql"] for name in own)
            # The totals of a short period above the pushes.
            and '"created_at" >' not in each["sql"]
        ]
        assert all(re.search(rf"LIMIT {MAX_COUNTED}\b", sql) for sql in counts), counts
