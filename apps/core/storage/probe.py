"""Whether the storage of files can be used."""

from apps.core.errors import StorageUnavailable
from apps.core.probe import Probe
from apps.core.storage import object_storage

storage_probe = Probe(
    "storage",
    lambda: object_storage().check(),
    failures=(StorageUnavailable,),
    interval_s=10.0,
)
