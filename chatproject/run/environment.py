"""What the settings read, filled in for the embedded parts."""

import os

from chatproject.run import keys, postgres, valkey
from chatproject.run.var import Var, default, private_folder


def given(name: str) -> bool:
    """Whether the environment says `name`, or says which file holds it."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def load(var: Var | None = None) -> None:
    """Default DATABASE_URL, REDIS_URL and the keys to those of the data folder.

    `manage.py` calls it too, and so speaks to the parts that `make run` has started.
    What the environment already says stands.
    """
    var = var or default()
    if not given("SECRET_KEY"):
        private_folder(var.root)
        os.environ["SECRET_KEY"] = keys.read_or_make(var.secret_key, keys.signing_key)
    if not given("VAPID_PRIVATE_KEY"):
        private_folder(var.root)
        os.environ["VAPID_PRIVATE_KEY"] = keys.read_or_make(var.push_key, keys.push_key)
    if not given("DATABASE_URL"):
        os.environ["DATABASE_URL"] = postgres.url(var)
    if not given("REDIS_URL"):
        os.environ["REDIS_URL"] = valkey.url(var)
