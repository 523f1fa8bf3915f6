"""Makes the client installable and usable offline: the manifest, the service worker, the shell."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi, gettext
from django.views.decorators.http import require_safe

from apps.core.templatetags.assets import words
from apps.notifications.shell import shell_files, worker_program

# The background of the light theme; pages name those of both themes (templates/base.html).
BACKGROUND, DARK_BACKGROUND = "#F7F5F0", "#131819"
# Drawn with the client by `make screenshots`: name, form factor, size.
SCREENSHOTS = (
    ("notifications/screenshots/narrow.webp", "narrow", "780x1688"),
    ("notifications/screenshots/wide.webp", "wide", "1280x800"),
)
# Of what other apps share at once. It lies in the browser until a chat is chosen.
MAX_SHARED_BYTES = 256 * 2**20
SHARED = "parley-shared"
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
        "background_color": BACKGROUND,
        "theme_color": BACKGROUND,
        # Browsers that do not know it use the colours above.
        "user_preferences": {
            "color_scheme": {
                "dark": {"theme_color": DARK_BACKGROUND, "background_color": DARK_BACKGROUND}
            }
        },
        "categories": ["social"],
        "shortcuts": [
            {"name": gettext("New chat"), "url": "/?new"},
            {"name": gettext("Search"), "url": "/?search"},
        ],
        "share_target": {
            "action": reverse("share"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "title": "title",
                "text": "text",
                "url": "url",
                "files": [{"name": "files", "accept": ["*/*"]}],
            },
        },
        "icons": [
            {
                "src": static(f"notifications/icons/{name}"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in ICONS
        ],
        "screenshots": [
            {
                "src": static(name),
                "sizes": size,
                "type": "image/webp",
                "form_factor": form,
                "label": gettext("A group that talks"),
            }
            for name, form, size in SCREENSHOTS
        ],
    }
    response = JsonResponse(body, content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It contains the release, so browsers notice each new one."""
    values = {
        "release": settings.STATIC_RELEASE,
        "static": settings.STATIC_URL,
        "files": [*map(static, shell_files()), *filter(None, [words()])],
        "icon": static("notifications/icons/icon-192.png"),
        "badge": static("notifications/icons/badge-96.png"),
        "csrf": settings.CSRF_COOKIE_NAME,
        "share": {"path": reverse("share"), "bytes": MAX_SHARED_BYTES, "database": SHARED},
        "words": {"one": gettext("New message"), "many": gettext("{n} new messages")},
    }
    program = f"self.PARLEY = {json.dumps(values)};\n{worker_program()}"
    response = HttpResponse(program, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The page of the app without anybody's data, which browsers cache for use offline."""
    response = render(request, "notifications/shell.html")
    response["Cache-Control"] = "no-cache"
    return response
