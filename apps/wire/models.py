"""The epoch, and the remembered responses of requests with an `Idempotency-Key`."""

import uuid

from django.db import models


class Epoch(models.Model):
    """The id of one line of history, so that cursors of another line are recognised.

    There is one row. A restored backup or a promoted replica gets a new id
    (`epochs.begin`). A client that sends any other epoch is reset."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    began_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)


class IdempotencyKey(models.Model):
    """The response of a request that changed something, for repeats of it.

    Neither the key nor the response can be read from the table: the key is hashed, and the response
    (it may contain the secret of an invite link) encrypted with a key that is made from it.
    `fingerprint` is a hash of the request.
    """

    user_id = models.UUIDField()
    key_hash = models.BinaryField()
    fingerprint = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    response = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # wire.idempotency: the response of a key.
            models.UniqueConstraint("user_id", "key_hash", name="one_response_a_key"),
        ]
        indexes = [
            # wire.idempotency: which are to be cleared.
            models.Index("created_at", name="idempotency_age"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at}"
