from pathlib import Path
from typing import Any


def recognise(path: Path, name: str) -> Any:
    class T:
        kind = "file"
        media_type = "application/octet-stream"

    return T()
