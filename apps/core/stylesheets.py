"""Which component files make up the style sheet of each kind of page.

The cascade is ordered by layers, so the order of components in a sheet does not matter; only the
file that declares the layers must come first.
"""

_ALWAYS = ("layers", "reset", "tokens", "base", "overrides", "button", "icon")
_NOT_COMPONENTS = frozenset({"layers", "reset", "tokens", "base", "overrides", "programs"})

SHEETS: dict[str, tuple[str, ...]] = {
    "admin": ("layers", "tokens", "admin"),
    "api-docs": ("api-docs",),
    "auth": (*_ALWAYS, "field", "auth", "avatar", "notice", "secret"),
    "pdf": ("layers", "pdf"),
    # A script fetches it (static/chats/program-styles.js), by the name that it has here as well.
    "programs": ("programs",),
    "page": (
        *(*_ALWAYS, "field", "menu", "notice", "page", "rows", "avatar", "dialog", "crop"),
        *("own-files", "emoji", "settings-shell"),
    ),
    "app": (
        *_ALWAYS,
        *("app", "badge", "menu", "field", "chat", "room", "divider", "row", "text", "composer"),
        "attach",
        *("people", "skeleton", "message-actions", "reaction", "panel", "dialog", "settings"),
        "search",
        *("pictures", "files", "player", "upload", "viewer", "avatar", "person-card"),
        *("secret", "crop", "settings-shell"),
    ),
}


def sheet_name(name: str) -> str:
    """The static name of the joined sheet."""
    return f"styles/{name}.css"


def parts(name: str) -> list[str]:
    """The files of a sheet, in order, as static names."""
    return [
        f"styles/{part}.css" if part in _NOT_COMPONENTS else f"styles/components/{part}.css"
        for part in SHEETS[name]
    ]
