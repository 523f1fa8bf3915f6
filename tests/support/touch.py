"""Movements of a finger in Chromium."""

from playwright.sync_api import Page


def swipe(page: Page, start: float, end: float, y: float) -> None:
    """Move a finger sideways, from `start` to `end`."""
    session = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", start), ("touchMove", (start + end) / 2), ("touchMove", end)):
        points = [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
