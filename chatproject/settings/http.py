"""Headers of pages."""

from csp.constants import NONE, SELF, UNSAFE_INLINE

from chatproject.settings.accounts import OIDC_ORIGIN
from chatproject.settings.base import HTTPS
from chatproject.settings.files import FILE_ORIGINS

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "worker-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *FILE_ORIGINS],
        "media-src": [SELF, "blob:", *FILE_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF, *FILE_ORIGINS],
        "manifest-src": [SELF],
        # The frame of a PDF, which is sandboxed (decision 0055).
        "frame-src": [SELF],
        # Chromium also checks where a form's response redirects to: signing out goes there.
        "form-action": [SELF, *([OIDC_ORIGIN] if OIDC_ORIGIN else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["lit-html", "parley-worker", "parley-service-worker"],
    },
}
# Of pages of libraries: they have inline styles, and assign strings to innerHTML (decision 0028).
LIBRARY_POLICY = {
    name: sources
    for name, sources in CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
    if "trusted-types" not in name
} | {"style-src": [SELF, UNSAFE_INLINE]}
