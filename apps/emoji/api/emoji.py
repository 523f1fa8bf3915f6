"""Custom emoji over the API."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id
from apps.core.errors import (
    Forbidden,
    Full,
    Invalid,
    NotFound,
    StorageUnavailable,
    UnsupportedType,
)
from apps.core.storage import ObjectMissing
from apps.emoji.actions import emoji as actions
from apps.emoji.queries import emoji
from apps.files.gateways import objects
from apps.files.views.objects import HEADERS
from apps.wire import bodies
from apps.wire.etags import tagged
from apps.wire.limits import MAX_EMOJI_BYTES
from apps.wire.openapi import operation

BYTES = "application/octet-stream"
# An image never changes, and one that is removed is not named any more. Only for who is signed in:
# no proxy keeps it.
IMAGE_HEADERS = {
    **HEADERS,
    "Content-Type": "image/webp",
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


class EmojiListView(APIView):
    """`/emoji`"""

    @operation("listEmoji", "Custom emoji", returns=bodies.EmojiList, etag=True)
    def get(self, request: Request) -> Response:
        """All of them: the same for everybody, and at most 1,000. Ask again when `welcome` or
        `server` names another revision."""
        return tagged(request, emoji.emoji_list())


class EmojiView(APIView):
    """`/emoji/{name}`"""

    @operation(
        "addEmoji",
        "Add an emoji",
        takes=BYTES,
        returns=bodies.CustomEmoji,
        status=(201,),
        errors=(Invalid, Forbidden, Full, StorageUnavailable, UnsupportedType),
        calls=actions.add,
    )
    def put(self, request: Request, name: str) -> Response:
        """The body is a PNG, GIF, WebP or JPEG picture of up to 1 MB. A name is never given to
        another picture: remove the emoji first."""
        plain = request._request
        if plain.content_type != BYTES:
            raise UnsupportedType(f"Send the picture as {BYTES}.")
        picture = plain.read(MAX_EMOJI_BYTES + 1)
        actions.add(person_id(request), name=name, picture=picture)
        return Response(emoji.body(emoji.get_emoji(name)), status=201)

    @operation(
        "removeEmoji",
        "Remove an emoji",
        returns=None,
        status=(204,),
        errors=(Forbidden,),
        calls=actions.remove,
    )
    def delete(self, request: Request, name: str) -> Response:
        """For who added it, and for moderators. Where it was used, `:name:` stays as text."""
        actions.remove(person_id(request), name)
        return Response(status=204)


class AliasView(APIView):
    """`/emoji/{name}/aliases/{alias}`"""

    @operation(
        "addEmojiAlias",
        "Add an alias",
        returns=None,
        status=(204,),
        errors=(Invalid, Forbidden, Full),
        calls=actions.add_alias,
    )
    def put(self, request: Request, name: str, alias: str) -> Response:
        """For who added the emoji, and for moderators. At most ten."""
        actions.add_alias(person_id(request), name, alias)
        return Response(status=204)

    @operation(
        "removeEmojiAlias",
        "Remove an alias",
        returns=None,
        status=(204,),
        errors=(Forbidden,),
        calls=actions.remove_alias,
    )
    def delete(self, request: Request, name: str, alias: str) -> Response:
        """As adding one."""
        actions.remove_alias(person_id(request), name, alias)
        return Response(status=204)


class ImageView(APIView):
    """`/emoji/images/{id}.webp`"""

    @operation("getEmojiImage", "The image of an emoji", returns=None, errors=(StorageUnavailable,))
    def get(self, request: Request, image: UUID) -> HttpResponseBase:
        """WebP, square, of at most 128 pixels. It never changes: keep it."""
        return _image(image, still=False)


class StillImageView(APIView):
    """`/emoji/images/{id}-still.webp`"""

    @operation(
        "getStillEmojiImage",
        "The first frame of an emoji that moves",
        returns=None,
        errors=(StorageUnavailable,),
    )
    def get(self, request: Request, image: UUID) -> HttpResponseBase:
        """As the image. 404 for an emoji that does not move."""
        return _image(image, still=True)


def _image(emoji_id: UUID, *, still: bool) -> HttpResponseBase:
    key, size = emoji.get_image(emoji_id, still=still)
    try:
        content = objects.read_range(key, 0, size)
    except ObjectMissing:
        raise NotFound from None
    return HttpResponse(content, headers=IMAGE_HEADERS)
