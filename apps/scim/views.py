"""The SCIM endpoints (RFC 7644)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from scim2_models import (
    Context,
    ListResponse,
    NotFoundException,
    PatchOp,
    Resource,
    ResponseParameters,
    SearchRequest,
)

from apps.scim.actions import entries as actions
from apps.scim.http import body_of, endpoint, nothing_here, respond
from apps.scim.models import DirectoryEntry
from apps.scim.queries import entries
from apps.scim.schemas import User, resource_types, schemas, service_provider_config

READ = Context.RESOURCE_QUERY_RESPONSE


def _dump(entry: DirectoryEntry, request: HttpRequest, context: Context) -> dict[str, Any]:
    wanted = ResponseParameters[User].model_validate(
        {
            name: request.GET[name]
            for name in ("attributes", "excludedAttributes")
            if name in request.GET
        }
    )
    return _with(entries.resource(entry), wanted, context)


def _with(
    person: User, wanted: "ResponseParameters[User]", context: Context = READ
) -> dict[str, Any]:
    dumped: dict[str, Any] = person.model_dump(scim_ctx=context, response_parameters=wanted)
    return dumped


def _create(request: HttpRequest) -> HttpResponse:
    context = Context.RESOURCE_CREATION_REQUEST
    entry = actions.create(User.model_validate(body_of(request), scim_ctx=context))
    body = _dump(entry, request, Context.RESOURCE_CREATION_RESPONSE)
    return respond(body, 201, Location=entries.location(entry))


def _list(request: HttpRequest) -> HttpResponse:
    return _found(SearchRequest[User].model_validate(request.GET.dict()))


def _search(request: HttpRequest) -> HttpResponse:
    context = Context.SEARCH_REQUEST
    return _found(SearchRequest[User].model_validate(body_of(request), scim_ctx=context))


def _found(search: "SearchRequest[User]") -> HttpResponse:
    total, first, rows = entries.page(search)
    people = [_with(entries.resource(entry), search) for entry in rows]
    return respond(_list_of(people, total=total, first=first))


def _get(request: HttpRequest, entry: UUID) -> HttpResponse:
    found = entries.get_entry(entry)
    return respond(_dump(found, request, READ), Content_Location=entries.location(found))


def _replace(request: HttpRequest, entry: UUID) -> HttpResponse:
    context = Context.RESOURCE_REPLACEMENT_REQUEST
    wanted = User.model_validate(body_of(request), scim_ctx=context)
    changed = actions.change(entry, lambda _: wanted)
    return respond(_dump(changed, request, Context.RESOURCE_REPLACEMENT_RESPONSE))


def _patch(request: HttpRequest, entry: UUID) -> HttpResponse:
    context = Context.RESOURCE_PATCH_REQUEST
    patch = PatchOp[User].model_validate(body_of(request), scim_ctx=context)

    def alter(person: User) -> User:
        patch.patch(person)
        return person

    changed = actions.change(entry, alter)
    return respond(_dump(changed, request, Context.RESOURCE_PATCH_RESPONSE))


def _delete(request: HttpRequest, entry: UUID) -> HttpResponse:
    actions.delete(entry)
    return HttpResponse(status=204)


def _list_of(found: list[dict[str, Any]], *, total: int, first: int = 1) -> dict[str, Any]:
    """A ListResponse (RFC 7644, 3.4.2)."""
    return {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": total,
        "startIndex": first,
        "itemsPerPage": len(found),
        "Resources": found,
    }


def _config(request: HttpRequest) -> HttpResponse:
    return respond(service_provider_config().model_dump(scim_ctx=READ))


def _all(found: dict[str, Any]) -> HttpResponse:
    """All objects of an endpoint that describes the service. RFC 7644, 4: filters are refused."""
    return respond(
        _list_of([each.model_dump(scim_ctx=READ) for each in found.values()], total=len(found))
    )


def _one(found: dict[str, Any], name: str) -> HttpResponse:
    thing: Resource[Any] | None = found.get(name)
    if thing is None:
        raise NotFoundException(detail="There is nothing at this address.")
    return respond(thing.model_dump(scim_ctx=READ))


users = endpoint(get=_list, post=_create)
search = endpoint(post=_search)
user = endpoint(get=_get, put=_replace, patch=_patch, delete=_delete)
config = endpoint(get=_config)
types = endpoint(get=lambda request: _all(resource_types()))
one_type = endpoint(get=lambda request, name: _one(resource_types(), name))
all_schemas = endpoint(get=lambda request: _all(schemas()))
one_schema = endpoint(get=lambda request, name: _one(schemas(), name))
unknown = endpoint(
    get=nothing_here, post=nothing_here, put=nothing_here, patch=nothing_here, delete=nothing_here
)
