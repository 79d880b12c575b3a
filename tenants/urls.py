from django.contrib.auth.views import LogoutView
from django.urls import include, path

from tenants.views import accounts, invitations, members, organisation

of_a_tenant = [
    path("members/", members.members, name="members"),
    path("members/invite/", members.invite_member, name="invite_member"),
    path("members/<int:pk>/role/", members.change_role, name="change_role"),
    path("members/<int:pk>/remove/", members.remove_member, name="remove_member"),
    path("invitations/<int:pk>/resend/", members.resend_invitation, name="resend_invitation"),
    path("invitations/<int:pk>/revoke/", members.revoke_invitation, name="revoke_invitation"),
    path("settings/", organisation.settings, name="settings"),
]

urlpatterns = [
    path("sign-up/", accounts.sign_up, name="sign_up"),
    path("sign-up/sent/", accounts.sign_up_sent, name="sign_up_sent"),
    path("sign-up/<str:token>/", accounts.finish_sign_up, name="finish_sign_up"),
    path("sign-in/", accounts.LoginView.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("password/", accounts.PasswordChangeView.as_view(), name="password_change"),
    path("password/forgotten/", accounts.password_reset, name="password_reset"),
    path("password/forgotten/sent/", accounts.password_reset_done, name="password_reset_done"),
    path(
        "password/new/<uidb64>/<token>/",
        accounts.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("organisations/new/", accounts.new_organisation, name="new_organisation"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("t/<slug:tenant_slug>/", include(of_a_tenant)),
]
