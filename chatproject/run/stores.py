"""The embedded stores."""

from chatproject.config import environment
from chatproject.run import postgres, seaweedfs_dev, services, valkey
from chatproject.run.data_dir import DataDir
from chatproject.run.supervisor import Supervisor

START_TIMEOUT_S = 60.0


def start(supervisor: Supervisor, data_dir: DataDir) -> None:
    """Start them, except those that DATABASE_URL and REDIS_URL replace, and wait until they serve.
    Raises StartupError."""
    starting = []
    if not environment.is_set("DATABASE_URL"):
        connections = services.database_connections()
        server = supervisor.start(postgres.service(data_dir, connections=connections))
        starting.append((lambda pid: postgres.ready(data_dir, pid), server))
    if not environment.is_set("REDIS_URL"):
        server = supervisor.start(valkey.service(data_dir))
        starting.append((lambda _: valkey.ready(data_dir), server))
    for ready, server in starting:
        supervisor.wait_until(ready, server, timeout_s=START_TIMEOUT_S)
    seaweedfs_dev.start_if_wanted(supervisor, data_dir)
