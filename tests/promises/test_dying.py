"""What only `--long` kills or calls by its name is there. A rename would be found weeks later."""

from functools import reduce
from importlib import import_module

import pytest
from django.utils.module_loading import import_string

from tests.promises.dying import STATEMENT
from tests.promises.test_backups import BACKUP_POINTS, INDEX, RESTORE_POINTS, WHILE_INDEXING
from tests.promises.test_kills import GO_ON

POINTS = (*BACKUP_POINTS, *RESTORE_POINTS, WHILE_INDEXING, f"{STATEMENT}:1")


@pytest.mark.parametrize("point", POINTS)
def test_each_place_of_a_kill_exists(point):
    module, path, nth = point.split(":")
    assert callable(reduce(getattr, path.split("."), import_module(module)))
    assert int(nth) > 0


@pytest.mark.parametrize("name", [GO_ON, f"{INDEX}.catch_up_all_chats"])
def test_each_function_that_goes_on_after_a_kill_exists(name):
    assert callable(import_string(name))
