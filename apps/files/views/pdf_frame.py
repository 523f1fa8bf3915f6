"""The page in which the viewer shows a PDF (decision 0055)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe


@require_safe
@cache_control(no_cache=True, public=True)
@xframe_options_sameorigin
def pdf_frame(request: HttpRequest) -> HttpResponse:
    """The same for everybody: it gets its bytes from the page around it. Also opened by itself it
    has no origin, and it reaches nothing but the static files of its release."""
    response = render(request, "files/pdf_frame.html")
    response["Content-Security-Policy"] = _policy(request.build_absolute_uri(settings.STATIC_URL))
    return response


def _policy(static: str) -> str:
    return "; ".join(
        (
            "sandbox allow-scripts",
            "default-src 'none'",
            # WebAssembly decodes JPEG 2000 and JBIG2.
            f"script-src {static} 'wasm-unsafe-eval'",
            # Chromium checks the imports of a worker against this, too.
            f"worker-src blob: {static}vendor/pdfjs/",
            f"style-src {static}",
            # pdf.js draws pictures from memory.
            "img-src blob: data:",
            f"font-src {static}vendor/pdfjs/",
            f"connect-src {static}vendor/pdfjs/",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )
