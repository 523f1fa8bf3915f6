"""Wire bodies over HTTP: strict decoding and one renderer for every API view."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from apps.core.errors import Invalid, TooLong, UnsupportedType

JSON = "application/json"
# Messages of msgspec repeat names of the input, which may be long.
MAX_MESSAGE_LENGTH = 300
NAMING = ("Object contains unknown field `", "Object missing required field `")
STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]")


# Of every list in pages: the response has `items`, and in `next` the cursor of the next page.
Cursor = Annotated[str, msgspec.Meta(description="`next` of the page before.")]
PageLimit = Annotated[int, msgspec.Meta(ge=1, le=200, description="How many at most.")]


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of request bodies and query strings. Unknown fields are refused."""


class PageQuery(Input, frozen=True):
    """A page of a list."""

    cursor: Cursor = ""
    limit: PageLimit = 50


T = TypeVar("T", bound=Input)


def decode(request: Request, form: type[T]) -> T:
    """Decode the request's JSON body as `form`.

    Raises Invalid (with a JSON pointer), TooLong for a body over the server's limit, and
    UnsupportedType for a body that is not JSON.
    """
    plain = request._request
    if plain.content_type != JSON:
        raise UnsupportedType
    try:
        return msgspec.json.decode(plain.body, type=form)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("The body is not JSON.", pointer="#") from error
    except RequestDataTooBig as error:
        raise TooLong("The body is too large.") from error


def decode_query(request: Request, form: type[T]) -> T:
    """Convert the request's query parameters to `form`; numbers come as text. Raises Invalid, also
    for a parameter that is given twice."""
    try:
        query = request.query_params
    except TooManyFieldsSent as error:
        raise Invalid("Too many parameters.", pointer="#") from error
    if twice := [name for name, values in query.lists() if len(values) > 1]:
        raise Invalid("A parameter is given twice.", pointer=f"#/{twice[0][:100]}")
    given: Mapping[str, Any] = query.dict()
    try:
        return msgspec.convert(given, form, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: msgspec.ValidationError) -> Invalid:
    what, _, path = str(error)[:MAX_MESSAGE_LENGTH].partition(" - at ")
    steps = [name or index for name, index in STEP.findall(path)]
    for prefix in NAMING:
        if what.startswith(prefix):
            steps.append(what.removeprefix(prefix).removesuffix("`"))
    escaped = (step.replace("~", "~0").replace("/", "~1") for step in steps)
    return Invalid(
        "Some of the input cannot be used.",
        pointer="#" + "".join(f"/{step}" for step in escaped),
        reason=what,
    )


class WireRenderer(BaseRenderer):
    """Renders wire bodies (structs, or plain data around them) as JSON."""

    media_type = JSON
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Encode `data` as the sockets do. Returns nothing for a response without a body."""
        return b"" if data is None else msgspec.json.encode(data)


class AlwaysJson(BaseContentNegotiation):
    """Ignores `Accept`, as RFC 9110 (12.5.1) allows: there is only one representation."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """The only parser."""
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The only renderer."""
        only = next(iter(renderers))
        return only, only.media_type


class WireParser(BaseParser):
    """Declares that the API takes JSON; views read it with `decode`."""

    media_type = JSON

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return None: no view reads `request.data`."""
        return None
