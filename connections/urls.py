from django.urls import include, path

from connections.views import connections, links, routes
from connections.views.freshbooks_urls import urlpatterns as freshbooks

of_a_tenant = [
    path("connections/", connections.connections, name="connections"),
    path("connections/add/<slug:system>/", connections.add_connection, name="add_connection"),
    path("connections/<slug:key>/", connections.connection, name="connection"),
    path("connections/<slug:key>/edit/", connections.edit_connection, name="edit_connection"),
    path("connections/<slug:key>/test/", connections.test_connection, name="test_connection"),
    path("connections/<slug:key>/host-key/", connections.confirm_host_key, name="confirm_host_key"),
    path("connections/<slug:key>/resume/", connections.resume_connection, name="resume_connection"),
    path("connections/<slug:key>/off/", connections.switch_off_connection, name="switch_off_connection"),
    path("connections/<slug:key>/delete/", connections.delete_connection, name="delete_connection"),
    path("connections/<slug:key>/clients/", links.link_clients, name="link_clients"),
    path("connections/<slug:key>/clients/save/", links.save_link, name="save_link"),
    path("routes/", routes.routes, name="routes"),
    path("routes/add/", routes.add_route, name="add_route"),
    path("routes/<slug:key>/", routes.route, name="route"),
    path("routes/<slug:key>/edit/", routes.edit_route, name="edit_route"),
    path("routes/<slug:key>/switch/", routes.switch_route, name="switch_route"),
    path("routes/<slug:key>/backfill/", routes.start_backfill, name="start_backfill"),
    path("backfills/<int:pk>/cancel/", routes.cancel_backfill, name="cancel_backfill"),
]

urlpatterns = [*freshbooks, path("t/<slug:tenant_slug>/", include(of_a_tenant))]
