"""People's files, and the static files of the browser client."""

from pathlib import Path

from apps.core.release import static_release
from chatproject.settings.base import BASE_DIR, DEBUG, VAR_DIR, env, plugins_found
from chatproject.storage import object_storage

FILES_ROOT = Path(env["FILES_ROOT"] or VAR_DIR / "files")
S3_PUBLIC_URL: str = env["S3_PUBLIC_URL"]
FILE_ORIGINS = [S3_PUBLIC_URL] if S3_PUBLIC_URL else []
_static_folder = Path(env["STATIC_ROOT"] or VAR_DIR / "static")
STATIC_RELEASE = static_release(
    BASE_DIR / "static",
    _static_folder,
    others=[plugin.static_folder for plugin in plugins_found.found],
)
STATIC_URL = f"/static/{STATIC_RELEASE}/"
# Each release has a folder of its own: during a rolling restart, pages of two are open.
STATIC_ROOT = _static_folder / STATIC_RELEASE
STATICFILES_DIRS = [BASE_DIR / "static"]
MAX_FILE_MB = env["MAX_FILE_MB"]
FILES_QUOTA_MB = env["FILES_QUOTA_MB"]
STORAGES = {
    # Nothing serves its files to everybody: views decide who gets one.
    "default": object_storage(env, folder=FILES_ROOT),
    "staticfiles": {"BACKEND": "apps.core.static_storage.StaticStorage"},
}
WHITENOISE_MAX_AGE = 31536000
WHITENOISE_USE_FINDERS = DEBUG
# Fonts and character maps of PDF files, and pictures and fonts: compressing them saves little.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "woff2", "bcmap", "pfb", "ttf", "icc"]
