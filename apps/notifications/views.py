"""What makes the client an app on a device: its manifest, its service worker, its empty shell."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language, get_language_bidi, gettext
from django.views.decorators.http import require_safe

from apps.core.templatetags.assets import words
from apps.notifications.shell import shell_files, worker_program

# The colour of paper in the light theme; pages name both (templates/base.html).
PAPER = "#F7F5F0"
ICONS = (
    ("icon-192.png", 192, "any"),
    ("icon-512.png", 512, "any"),
    ("maskable-512.png", 512, "maskable"),
)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Name, colours and icons of the app (https://www.w3.org/TR/appmanifest/)."""
    body = {
        "id": "/",
        "name": "Parley",
        "short_name": "Parley",
        "description": gettext("Talk with the people you know."),
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "categories": ["social"],
        "icons": [
            {
                "src": static(f"notifications/icons/{name}"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in ICONS
        ],
    }
    answer = JsonResponse(body, content_type="application/manifest+json")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The program behind the pages. Its bytes change with every release, so browsers notice."""
    facts = {
        "release": settings.STATIC_RELEASE,
        "static": settings.STATIC_URL,
        "files": [*map(static, shell_files()), *filter(None, [words()])],
        "icon": static("notifications/icons/icon-192.png"),
        "badge": static("notifications/icons/badge-96.png"),
        "csrf": settings.CSRF_COOKIE_NAME,
        "words": {"one": gettext("New message"), "many": gettext("{n} new messages")},
    }
    program = f"self.PARLEY = {json.dumps(facts)};\n{worker_program()}"
    answer = HttpResponse(program, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The page of the app without a word about anybody, which browsers keep for being offline."""
    answer = render(request, "notifications/shell.html")
    answer["Cache-Control"] = "no-cache"
    return answer
