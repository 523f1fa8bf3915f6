"""Files that a browser sends straight to the bucket, or through the server if it cannot."""

import pytest

from apps.files.models import Chunk, File, StoredObject
from tests.journeys.conftest import TIMEOUT_MS
from tests.support.live import LOOSE, database
from tests.support.ports import free_port
from tests.support.static import collected_static

SIZE = 700_000
POLL_MS = 100


def parts_of(user):
    """(size, whether it was sent to the bucket) of the parts of the person's only upload, once it
    is complete."""
    if not File.objects.filter(owner_id=user.id, received=SIZE).exists():
        return None
    parts = Chunk.objects.filter(file__owner_id=user.id).order_by("start")
    direct = set(StoredObject.objects.exclude(writable_until=None).values_list("key", flat=True))
    return [(part.size, part.key in direct) for part in parts]


@pytest.mark.parametrize("reached", [True, False])
def test_a_browser_uploads_to_the_bucket_that_it_reaches(
    reached, fresh_servers, seaweedfs, enter, cast
):
    public = seaweedfs.url if reached else f"http://127.0.0.1:{free_port()}"
    bucket = seaweedfs.environment | {"S3_PUBLIC_URL": public, "S3_DIRECT_UPLOADS": "true"}
    [server] = fresh_servers(1, STATIC_ROOT=str(collected_static()), **bucket, **LOOSE)
    screen = enter(cast.alice, f"/c/{cast.chat}", via=server)
    screen.page.get_by_role("button", name="Add files").click()
    with screen.page.expect_file_chooser() as chooser:
        screen.page.get_by_role("button", name="From this device").click()
    chooser.value.set_files(
        [{"name": "data.bin", "mimeType": "application/octet-stream", "buffer": b"x" * SIZE}]
    )
    for _ in range(TIMEOUT_MS // POLL_MS):
        if parts := database(parts_of, cast.alice):
            break
        screen.page.wait_for_timeout(POLL_MS)
    assert sum(size for size, _ in parts) == SIZE
    assert {direct for _, direct in parts} == {reached}
