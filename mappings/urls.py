from django.urls import include, path

from mappings import views

of_a_tenant = [
    path("partners/", views.partners, name="partners"),
    path("partners/add/", views.add_partner, name="add_partner"),
    path("partners/<slug:code>/", views.partner, name="partner"),
    path("partners/<slug:code>/edit/", views.edit_partner, name="edit_partner"),
    path("partners/<slug:code>/places/add/", views.add_place, name="add_place"),
    path("places/<int:pk>/", views.edit_place, name="edit_place"),
    path("places/<int:pk>/remove/", views.remove_place, name="remove_place"),
    path("links/<int:pk>/remove/", views.remove_link, name="remove_link"),
]

urlpatterns = [path("t/<slug:tenant_slug>/", include(of_a_tenant))]
