"""Settings that default to the embedded stores and to keys in the data directory."""

from chatproject.config.environment import is_set, set_default
from chatproject.run import keys, postgres, seaweedfs_dev, valkey
from chatproject.run.data_dir import DataDir, default_data_dir, make_private_dir


def apply(data_dir: DataDir | None = None) -> None:
    """Set DATABASE_URL, REDIS_URL, PUBLIC_URL and the keys where the environment does not.

    `manage.py` calls it too, and so finds the stores that `make run` has started, and its address.
    """
    data_dir = data_dir or default_data_dir()
    for name, path, new_key in (
        ("SECRET_KEY", data_dir.secret_key, keys.new_signing_key),
        ("VAPID_PRIVATE_KEY", data_dir.push_key, keys.new_push_key),
    ):
        if not is_set(name):
            make_private_dir(data_dir.root)
            set_default(name, keys.read_or_create(path, new_key), source=str(path))
    set_default("DATABASE_URL", postgres.url(data_dir), source="embedded PostgreSQL")
    set_default("REDIS_URL", valkey.url(data_dir), source="embedded Valkey")
    if data_dir.public_url.exists():
        public_url = data_dir.public_url.read_text().strip()
        set_default("PUBLIC_URL", public_url, source=str(data_dir.public_url))
    seaweedfs_dev.set_defaults(data_dir)
