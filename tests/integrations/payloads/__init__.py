"""What well-known programs post, each with the page that describes it."""

import json
from pathlib import Path
from typing import Any

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("*.json"))


def payload(name: str) -> dict[str, Any]:
    """One of them."""
    recorded = json.loads(Path(__file__).with_name(f"{name}.json").read_text())
    assert recorded["source"]
    found: dict[str, Any] = recorded["payload"]
    return found
