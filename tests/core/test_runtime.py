"""How code reads the settings that change while the server runs."""

import re

from apps.core.runtime import RuntimeSettings, runtime
from chatproject.run.data_dir import CHECKOUT


def test_no_code_reads_the_default_in_place_of_the_value():
    """`settings.NAME` is what the environment says, whatever an administrator has set."""
    names = "|".join(RuntimeSettings.__annotations__)
    default = re.compile(rf"\bsettings\.({names})\b")
    files = [*CHECKOUT.glob("apps/**/*.py"), *CHECKOUT.glob("chatproject/**/*.py")]
    assert [path for path in files if default.search(path.read_text(encoding="utf-8"))] == []


def test_tests_that_change_django_settings_change_the_value(settings):
    settings.GROUP_SIZE = 7
    assert runtime.GROUP_SIZE == 7
