"""The members of an organisation, and who is invited to it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tenants import mails, services
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.forms import InvitationForm, RoleForm
from tenants.models import Invitation, LastOwnerError, Membership, Role


@tenant_required()
def members(request: TenantRequest) -> HttpResponse:
    memberships = (
        Membership.objects.for_tenant(request.tenant).select_related("user").order_by("user__full_name")
    )
    context = {
        "memberships": memberships,
        "invitations": Invitation.objects.for_tenant(request.tenant).pending().select_related("invited_by"),
        "roles": Role,
    }
    return render(request, "tenants/members.html", context)


@tenant_required(Role.OWNER)
def invite_member(request: TenantRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        try:
            services.invite(by=request.membership, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("email", error.messages)
            return render(request, "tenants/invite_member.html", {"form": form})
        except mails.MailError as error:
            messages.warning(request, f"The invitation is stored, but: {error} Use “Send again” below.")
        else:
            messages.success(request, f"An invitation is on its way to {form.cleaned_data['email']}.")
        return redirect("members", request.tenant.slug)
    return render(request, "tenants/invite_member.html", {"form": form})


@require_POST
@tenant_required(Role.OWNER)
def change_role(request: TenantRequest, pk: int) -> HttpResponse:
    membership = get_or_404(request, Membership, pk=pk)
    form = RoleForm(request.POST, instance=membership)
    if form.is_valid():
        form.save()
        role = membership.get_role_display().lower()
        messages.success(request, f"{membership.user.get_full_name()} is now {role}.")
    for errors in form.errors.as_data().values():
        messages.error(request, " ".join(message for error in errors for message in error.messages))
    return redirect("members", request.tenant.slug)


@tenant_required(Role.OWNER)
def remove_member(request: TenantRequest, pk: int) -> HttpResponse:
    membership = get_or_404(request, Membership, pk=pk)
    name = membership.user.get_full_name()
    members_url = reverse("members", args=[request.tenant.slug])
    if request.method != "POST":
        context = {
            "question": f"Remove {name}?",
            "consequence": f"{name} will not see {request.tenant} any more. What they did stays on record.",
            "action": "Remove from the organisation",
            "back": members_url,
        }
        return render(request, "confirm.html", context)
    try:
        membership.delete()
    except LastOwnerError as error:
        messages.error(request, error.message)
        return redirect(members_url)
    messages.success(request, f"{name} is no longer a member of {request.tenant}.")
    return redirect("start" if membership.user == request.user else members_url)


@require_POST
@tenant_required(Role.OWNER)
def resend_invitation(request: TenantRequest, pk: int) -> HttpResponse:
    invitation = get_or_404(request, Invitation, pk=pk, accepted_at=None)
    try:
        services.resend_invitation(invitation, by=request.membership)
    except mails.MailError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"A new invitation is on its way to {invitation.email}.")
    return redirect("members", request.tenant.slug)


@tenant_required(Role.OWNER)
def revoke_invitation(request: TenantRequest, pk: int) -> HttpResponse:
    invitation = get_or_404(request, Invitation, pk=pk, accepted_at=None)
    members_url = reverse("members", args=[request.tenant.slug])
    if request.method != "POST":
        context = {
            "question": f"Withdraw the invitation of {invitation.email}?",
            "consequence": "The link in the e-mail will stop working.",
            "action": "Withdraw the invitation",
            "back": members_url,
        }
        return render(request, "confirm.html", context)
    invitation.delete()
    messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return redirect(members_url)
