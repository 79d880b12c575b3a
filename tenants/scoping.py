"""Tenant scoping: how a query is kept from seeing another organisation's rows.

`Model.objects` refuses every query that does not start with `for_tenant(tenant)`.
`Model.unscoped` sees all tenants: for workers, the admin and Django itself, never for a customer's page.
The reasons are in docs/decisions/0001-tenant-scoping.md.
"""

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar, cast

from django.core import checks
from django.db import models

if TYPE_CHECKING:
    from tenants.models import Tenant

M = TypeVar("M", bound="Scoped")


class TenantForgottenError(RuntimeError):
    """A query on tenant data did not say whose data it wants."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(
            f"{model.__name__}.objects was used without a tenant. Start with {model.__name__}.objects."
            f"for_tenant(tenant), or, outside of customer pages, with {model.__name__}.unscoped."
        )


class TenantQuerySet(models.QuerySet[M]):
    """The queryset to derive from when a tenant's model needs reads of its own."""

    def for_tenant(self, tenant: "Tenant | int") -> Self:
        """Only the rows of `tenant`."""
        return self.filter(**{self.model.tenant_path: tenant})


class StrictManager(models.Manager[M]):
    """Gives no rows until `for_tenant()` has named the tenant; creating rows is allowed, they name theirs."""

    def get_queryset(self) -> NoReturn:
        raise TenantForgottenError(self.model)

    def for_tenant(self, tenant: "Tenant | int") -> Any:
        """The rows of `tenant`, as the model's own queryset class."""
        return self.model.unscoped.using(self._db).for_tenant(tenant)

    def create(self, **values: Any) -> M:
        return cast(M, self.model.unscoped.using(self._db).create(**values))

    def bulk_create(self, *args: Any, **options: Any) -> list[M]:
        return cast(list[M], self.model.unscoped.using(self._db).bulk_create(*args, **options))


class Scoped(models.Model):
    """Rows that belong to a tenant; `tenant_path` is the look-up that leads there: "delivery__tenant".

    A model with a queryset of its own derives it from TenantQuerySet and replaces `unscoped` alone, by
    `unscoped: ClassVar = DeliveryQuerySet.as_manager()`; `objects.for_tenant(tenant)` then gives it as well.
    """

    tenant_path: ClassVar[str]

    unscoped = TenantQuerySet.as_manager()
    objects = StrictManager()

    class Meta:
        abstract = True

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        errors = super().check(**kwargs)
        if isinstance(cls._default_manager, StrictManager):
            errors.append(
                checks.Error(
                    "The default manager must see all tenants: Django itself works through it.",
                    hint="Declare `unscoped` before any other manager, and leave `objects` to Scoped.",
                    obj=cls,
                    id="tenants.E001",
                )
            )
        return errors


class TenantScoped(Scoped):
    """Rows with a tenant column of their own. A tenant that still has any can not be deleted."""

    tenant_path = "tenant"

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT)

    class Meta:
        abstract = True
