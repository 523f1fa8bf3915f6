from pathlib import Path
from typing import Any


class PictureError(Exception): ...


def convert(source: Path, into: Path) -> Any:
    raise PictureError
