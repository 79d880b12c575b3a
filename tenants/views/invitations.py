"""The link in an invitation: join as the user you are, sign in first, or become a user."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from tenants import services
from tenants.forms import NewUserForm
from tenants.models import Invitation, User
from tenants.views.accounts import BACKEND, link_problem


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = services.find_invitation(token)
        if request.user.is_authenticated:
            return _join(request, found, request.user)
        if User.objects.filter(email=found.email).exists():
            return redirect_to_login(request.path)
        return _join_as_new_user(request, found)
    except services.InvitationError as error:
        return link_problem(request, error)


def _join(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    if user.email != invitation.email:
        return render(request, "tenants/invitation_for_another.html", {"invitation": invitation}, status=403)
    if request.method == "POST":
        services.accept_invitation(invitation, user)
        return _welcome(request, invitation)
    return render(request, "tenants/invitation_join.html", {"invitation": invitation})


def _join_as_new_user(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = NewUserForm(request.POST or None, email=invitation.email)
    if form.is_valid():
        try:
            user = services.join_as_new_user(invitation, **form.cleaned_data)
        except IntegrityError:  # The form was sent twice at once; the other one was faster.
            return redirect(request.path)
        login(request, user, backend=BACKEND)
        return _welcome(request, invitation)
    return render(request, "tenants/invitation_new_user.html", {"form": form, "invitation": invitation})


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, f"You are now a member of {invitation.tenant}.")
    return redirect("home", invitation.tenant.slug)
