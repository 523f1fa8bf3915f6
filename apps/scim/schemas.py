"""The part of SCIM's User that Parley understands, and what it announces (RFC 7643).

Directories send more. Unknown attributes are ignored, because a directory would stop to send a
person whom it cannot send as a whole.
"""

from typing import Annotated, Any

from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Patch,
    Required,
    Resource,
    ResourceType,
    Schema,
    ScimPolicy,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.service_provider_config import Filter

MAX_RESULTS = 200
# What Microsoft Entra ID and Okta send in addition to the standard.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


class Name(ComplexAttribute):
    """The parts of a person's name."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class Email(ComplexAttribute):
    """An address, as the directory sent it. It is read back, and used for nothing."""

    value: str | None = None
    type: str | None = None
    primary: bool | None = None


class User(Resource[Any]):
    """A person in the directory."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None


def shown_name(person: User) -> str:
    """The name for a profile; empty when the directory sends none."""
    name = person.name or Name()
    parts = [part for part in (name.given_name, name.family_name) if part]
    return person.display_name or name.formatted or " ".join(parts)


def service_provider_config() -> ServiceProviderConfig:
    """What this service can do (RFC 7643, 5)."""
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MAX_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=False),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="The value of SCIM_TOKEN in the header Authorization.",
                primary=True,
            )
        ],
    )


def resource_types() -> dict[str, ResourceType]:
    """The types of resources, by id (RFC 7643, 6)."""
    return {"User": ResourceType.from_resource(User)}


def schemas() -> dict[str, Schema]:
    """The schemas, by id (RFC 7643, 7)."""
    schema = User.to_schema()
    return {str(schema.id): schema}
