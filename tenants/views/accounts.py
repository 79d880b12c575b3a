"""Signing up, signing in, and passwords."""

from collections.abc import Callable
from datetime import timedelta

from axes.helpers import get_client_ip_address
from axes.utils import reset as reset_login_throttle
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from tenants import mails, services
from tenants.access import AuthenticatedRequest
from tenants.forms import AddressForm, FinishSignUpForm, LoginForm, NewTenantForm
from tenants.models import Allowance, User

BACKEND = "django.contrib.auth.backends.ModelBackend"
SIGN_UP_ADDRESS = "sign_up_address"
RESET_ADDRESS = "reset_address"
PER_VISITOR = 30


def sign_up(request: HttpRequest) -> HttpResponse:
    """The address comes first; everything else is asked once its owner has followed the link."""
    if request.user.is_authenticated:
        return redirect("new_organisation")
    form = AddressForm(request.POST or None)
    if form.is_valid() and _mailed(request, form, services.request_sign_up):
        request.session[SIGN_UP_ADDRESS] = form.cleaned_data["email"]
        return redirect("sign_up_sent")
    return render(request, "tenants/sign_up.html", {"form": form})


def sign_up_sent(request: HttpRequest) -> HttpResponse:
    """Says where the link went, and sends it again on request."""
    email = request.session.get(SIGN_UP_ADDRESS)
    if not email:
        return redirect("sign_up")
    form = AddressForm({"email": email})
    if request.method == "POST" and form.is_valid() and _mailed(request, form, services.request_sign_up):
        messages.success(request, "The e-mail was sent again.")
        return redirect("sign_up_sent")
    return render(request, "tenants/sign_up_sent.html", {"email": email, "form": form})


@never_cache
@sensitive_post_parameters("password")
def finish_sign_up(request: HttpRequest, token: str) -> HttpResponse:
    try:
        email = services.confirmed_email(token)
    except services.LinkError as error:
        return link_problem(request, error)
    if User.objects.filter(email=email).exists():
        messages.info(request, "Your sign-up is complete already. Sign in with your password.")
        return redirect("login")
    form = FinishSignUpForm(request.POST or None, email=email)
    if form.is_valid():
        try:
            user = services.sign_up(email=email, **form.cleaned_data)
        except IntegrityError:  # The form was sent twice at once; the other one was faster.
            return redirect(request.path)
        login(request, user, backend=BACKEND)
        messages.success(
            request, f"Welcome, {user.get_short_name()}. Your organisation is ready to be set up."
        )
        return redirect("start")
    return render(request, "tenants/finish_sign_up.html", {"form": form, "email": email})


@login_required
def new_organisation(request: AuthenticatedRequest) -> HttpResponse:
    form = NewTenantForm(request.POST or None)
    if form.is_valid():
        tenant = services.found_organisation(request.user, **form.cleaned_data)
        messages.success(request, f"{tenant} is ready to be set up.")
        return redirect("home", tenant.slug)
    return render(request, "tenants/new_organisation.html", {"form": form})


class LoginView(auth_views.LoginView):
    form_class = LoginForm
    next_page = "start"
    redirect_authenticated_user = True


def password_reset(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if form.is_valid() and _mailed(request, form, services.request_password_reset):
        request.session[RESET_ADDRESS] = form.cleaned_data["email"]
        return redirect("password_reset_done")
    return render(request, "registration/password_reset_form.html", {"form": form})


def password_reset_done(request: HttpRequest) -> HttpResponse:
    email = request.session.get(RESET_ADDRESS)
    if not email:
        return redirect("password_reset")
    return render(request, "registration/password_reset_done.html", {"email": email})


class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    """A person who reads the mailbox may also try to sign in again at once."""

    success_url = reverse_lazy("login")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        reset_login_throttle(username=form.user.email)
        messages.success(self.request, "Your new password is set. Sign in with it.")
        return response


class PasswordChangeView(auth_views.PasswordChangeView):
    success_url = reverse_lazy("start")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, "Your password is changed. Other browsers are signed out.")
        return response


def link_problem(request: HttpRequest, error: services.LinkError) -> HttpResponse:
    """The page about a link from an e-mail that can not be used."""
    return render(
        request, "tenants/link_problem.html", {"title": error.title, "text": str(error)}, status=error.status
    )


def _mailed(request: HttpRequest, form: AddressForm, mail: Callable[[str], None]) -> bool:
    """Sends a mail to the form's address; what keeps it from leaving becomes the form's error."""
    try:
        visitor = str(get_client_ip_address(request))
        if not Allowance.take("mail from visitor", visitor, limit=PER_VISITOR, per=timedelta(hours=1)):
            raise mails.TooManyMailsError
        mail(form.cleaned_data["email"])
    except mails.MailError as error:
        form.add_error(None, str(error))
        return False
    return True
