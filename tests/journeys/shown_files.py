"""Messages with pictures, and what a page shows of them."""

import io
from uuid import UUID

from PIL import Image
from playwright.sync_api import Locator, Page

from apps.accounts.models import User
from apps.chats.actions.messages import send_batch, validated_send
from apps.core.identifiers import new_id
from tests.support.uploads import ready


def jpeg(width: int = 1200, height: int = 800, shade: int = 0) -> bytes:
    """A picture with a gradient; another `shade` is another content."""
    picture = Image.linear_gradient("L").resize((width, height)).point(lambda one: one ^ shade)
    out = io.BytesIO()
    Image.merge("RGB", (picture, picture.rotate(180), picture)).save(out, "JPEG")
    return out.getvalue()


def pictures(user: User, *names: str) -> list[UUID]:
    """Ids of new pictures."""
    return [ready(user, jpeg(shade=shade), name) for shade, name in enumerate(names)]


def send(user: User, chat: UUID | str, *files: UUID, text: str = "") -> int:
    """The seq of a new message."""
    one = validated_send(
        sender=user.id,
        chat=UUID(str(chat)),
        client_id=new_id(),
        text=text,
        reply_to=None,
        files=files,
    )
    [sent] = send_batch([one])
    assert not isinstance(sent, Exception), sent
    return sent.seq


def shown(page: Page) -> Locator:
    """Pictures that are loaded."""
    return page.locator("file-picture img:not([hidden])")
