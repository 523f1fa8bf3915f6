"""Records who changes what the members of a group may do: groups have no page, so it is an operator
with a shell, or another program."""

from typing import Any

from django.contrib.auth.models import Group, Permission

from apps.accounts.staff_record import record_deed

CHANGES = {"post_add", "post_remove", "pre_clear"}


def on_permissions(
    *, instance: Group | Permission, action: str, reverse: bool, pk_set: set[int] | None, **_: Any
) -> None:
    """Receiver: a group gets or loses permissions. Django sends it inside the transaction."""
    if action not in CHANGES or (pk_set is not None and not pk_set):
        return
    if isinstance(instance, Permission):
        groups = Group.objects.filter(pk__in=pk_set) if pk_set else instance.group_set.all()
        for group in groups:
            _record(group, action, [instance.codename])
        return
    permissions = Permission.objects.filter(pk__in=pk_set) if pk_set else instance.permissions.all()
    if names := sorted(permissions.values_list("codename", flat=True)):
        _record(instance, action, names)


def on_deletion(*, instance: Group, **_: Any) -> None:
    """Receiver: a group is deleted, inside a transaction."""
    record_deed("delete_group", by=None, group=instance.name)


def _record(group: Group, action: str, names: list[str]) -> None:
    change = {"given": names} if action == "post_add" else {"taken": names}
    record_deed("change_group", by=None, person=None, group=group.name, **change)
