from django.contrib import admin
from django.urls import include, path

from connector_site import views

urlpatterns = [
    path("", views.start, name="start"),
    path("", include("tenants.urls")),
    path("", include("mappings.urls")),
    path("", include("audit.urls")),
    path("", include("connections.urls")),
    path("t/<slug:tenant_slug>/", views.home, name="home"),
    path("admin/", admin.site.urls),
]
