"""The addresses of the FreshBooks views, to be included at the root."""

from django.urls import path

from connections.views import freshbooks

AT_CONNECTION = "t/<slug:tenant_slug>/connections/<slug:key>/freshbooks"

urlpatterns = [
    path("hooks/freshbooks/<str:token>", freshbooks.webhook, name="freshbooks_webhook"),
    path("oauth/freshbooks/callback", freshbooks.callback, name="freshbooks_callback"),
    path(f"{AT_CONNECTION}/connect", freshbooks.connect, name="freshbooks_connect"),
    path(f"{AT_CONNECTION}/business", freshbooks.business, name="freshbooks_business"),
    path(f"{AT_CONNECTION}/disconnect", freshbooks.disconnect, name="freshbooks_disconnect"),
]
