"""`/api/schema/`: the OpenAPI document."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

# By format: generating the document takes half a second of processor time, and anybody may ask.
_rendered: dict[str, bytes] = {}


class SchemaView(SpectacularAPIView):
    """The document as JSON or YAML, generated once in each process."""

    content_negotiation_class = DefaultContentNegotiation

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **names: Any) -> HttpResponse:
        """The same for everybody."""
        renderer: Any = request.accepted_renderer
        if renderer.media_type not in _rendered:
            document = self.generator_class().get_schema(request=request, public=True)
            _rendered[renderer.media_type] = renderer.render(document, renderer_context={})
        return HttpResponse(_rendered[renderer.media_type], content_type=renderer.media_type)
