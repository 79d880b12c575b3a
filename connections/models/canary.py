from django.db import models

from connections.fields import EncryptedTextField


class KeyCanary(models.Model):
    """One encrypted row of known content: if it cannot be read, the configured keys are the wrong ones.

    Planted by the first `migrate`, read by the start-up check (`connections.checks`), re-encrypted last by
    `manage.py rotate_keys`.
    """

    PROOF = "ml-connector"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    proof = EncryptedTextField(default=PROOF, editable=False)
    planted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "key canaries"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="key_canary_is_one_row")]

    def __str__(self) -> str:
        return f"Key canary of {self.planted_at:%Y-%m-%d}"
