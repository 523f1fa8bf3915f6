"""The written protocol (schema, browser types, docs/protocol.md) agrees with the code."""

import json
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from apps.wire import schema
from apps.wire.close_codes import CloseCode


def test_the_schema_and_the_browser_types_are_up_to_date():
    call_command("wire", "--check")


def test_the_protocol_page_describes_every_command_and_event():
    page = (Path(settings.BASE_DIR) / "docs" / "protocol.md").read_text()
    parts = schema.json_schema()["$defs"]
    for union in ("Command", "Event"):
        for member in parts[union]["anyOf"]:
            name = member["$ref"].rsplit("/", 1)[1]
            tag = parts[name]["properties"]["type"]["enum"][0]
            verb = tag.removeprefix("contact")
            assert f"`{tag}`" in page or f"`{verb}`" in page, f"{tag} is not in docs/protocol.md"
    assert all(str(code.value) in page for code in CloseCode)


def test_the_schema_has_no_dangling_references():
    document = schema.json_schema()
    text = json.dumps(document)
    for name in document["$defs"]:
        assert name
    for part in text.split('"$ref": "#/$defs/')[1:]:
        assert part.split('"')[0] in document["$defs"]
