"""Settings that default to the embedded stores and to keys in the data directory."""

import os

from chatproject.run import keys, postgres, valkey
from chatproject.run.data_dir import DataDir, default_data_dir, make_private_dir


def is_set(name: str) -> bool:
    """Whether the environment sets `name`, directly or by a file (`NAME_FILE`)."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def apply(data_dir: DataDir | None = None) -> None:
    """Set DATABASE_URL, REDIS_URL and the keys where the environment does not.

    `manage.py` calls it too, and so finds the stores that `make run` has started.
    """
    data_dir = data_dir or default_data_dir()
    if not is_set("SECRET_KEY"):
        make_private_dir(data_dir.root)
        os.environ["SECRET_KEY"] = keys.read_or_create(data_dir.secret_key, keys.new_signing_key)
    if not is_set("VAPID_PRIVATE_KEY"):
        make_private_dir(data_dir.root)
        os.environ["VAPID_PRIVATE_KEY"] = keys.read_or_create(data_dir.push_key, keys.new_push_key)
    if not is_set("DATABASE_URL"):
        os.environ["DATABASE_URL"] = postgres.url(data_dir)
    if not is_set("REDIS_URL"):
        os.environ["REDIS_URL"] = valkey.url(data_dir)
