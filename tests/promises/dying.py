"""A program that runs a management command, or a function, and ends itself with kill -9 at the nth
call of another one: `-c DYING module:path:nth command …`. An empty point kills nothing."""

STATEMENT = "django.db.backends.utils:CursorWrapper.execute"
DYING = """
import os, sys, importlib
import django
from django.core.management import call_command
from django.utils.module_loading import import_string
django.setup()
point = sys.argv.pop(1)
if point:
    module, path, nth = point.split(":")
    *owners, name = path.split(".")
    owner, calls = importlib.import_module(module), []
    for each in owners:
        owner = getattr(owner, each)
    function = getattr(owner, name)
    def dying(*args, **options):
        calls.append(1)
        if len(calls) == int(nth):
            os.kill(os.getpid(), 9)
        return function(*args, **options)
    setattr(owner, name, dying)
if "." in sys.argv[1]:
    import_string(sys.argv[1])()
else:
    call_command(*sys.argv[1:])
"""
