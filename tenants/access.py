"""Who may see a page: the door of every view below `/t/<tenant slug>/`.

@tenant_required(Role.EDITOR)
def rename_route(request: TenantRequest, pk: int) -> HttpResponse:
    route = get_or_404(request, Route, pk=pk)
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from tenants.models import Membership, Role, Tenant, User
from tenants.scoping import Scoped

M = TypeVar("M", bound=Scoped)
View = Callable[..., HttpResponseBase]


class AuthenticatedRequest(HttpRequest):
    """What a view behind `login_required` gets."""

    user: User


class TenantRequest(AuthenticatedRequest):
    """What a view behind `tenant_required` gets."""

    tenant: Tenant
    membership: Membership


def tenant_required(role: str = Role.VIEWER) -> Callable[[View], View]:
    """Lets a view be used by members of the tenant in the URL who hold `role` or more.

    The URL has a `tenant_slug`, which the view does not get: it finds `request.tenant` and
    `request.membership` instead, and times are shown in the tenant's zone. Visitors are sent to sign in;
    strangers get 404, as if the organisation did not exist; members with a lesser role get 403 that says why.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: Any, *args: Any, tenant_slug: str, **kwargs: Any) -> HttpResponseBase:
            request.membership = _membership(request.user, tenant_slug)
            request.tenant = request.membership.tenant
            require(request, role)
            with timezone.override(request.tenant.zone):
                response = view(request, *args, **kwargs)
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
            return response

        return guarded

    return decorate


def require(request: TenantRequest, role: str) -> None:
    """Raises PermissionDenied, with an explanation, unless the member holds `role` or more."""
    if not request.membership.allows(role):
        needed, held = Role(role).label.lower(), Role(request.membership.role).label.lower()
        raise PermissionDenied(
            f"This needs the role of {needed}; yours in {request.tenant} is {held}. "
            "An owner of the organisation can change your role."
        )


def get_or_404(request: TenantRequest, model: type[M], **lookup: Any) -> M:
    """The one row of the request's tenant that matches, or 404."""
    return get_object_or_404(model.objects.for_tenant(request.tenant), **lookup)


def _membership(user: User, slug: str) -> Membership:
    """The user's membership; support staff who are no members look on as viewers."""
    membership = Membership.unscoped.select_related("tenant").filter(user=user, tenant__slug=slug).first()
    if membership:
        return membership
    tenant = Tenant.objects.filter(slug=slug).first() if user.is_staff else None
    if tenant is None:
        raise Http404
    return Membership(tenant=tenant, user=user, role=Role.VIEWER)
