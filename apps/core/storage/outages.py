"""What errors of the storage mean for clients."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from apps.core.errors import StorageUnavailable
from apps.core.outage_log import OutageLog
from apps.core.storage import ObjectMissing

logger = logging.getLogger(__name__)
storage_outages = OutageLog(logger, "The file storage", of="storage")
RETRY_AFTER_S = 5.0


@contextmanager
def reported(*errors: type[Exception]) -> Iterator[None]:
    """Raise StorageUnavailable instead of one of `errors`, and log the begin and the end of an
    outage."""
    try:
        yield
    except (ObjectMissing, StorageUnavailable):
        raise
    except errors as error:
        storage_outages.failed(error)
        raise StorageUnavailable(retry_after=RETRY_AFTER_S) from error
    storage_outages.recovered()
