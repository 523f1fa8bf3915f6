"""Addresses to which no sign-in may redirect."""

OTHER_SITES = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    "///evil.example",
]
