from django.urls import include, path

from connections.views import (
    arrived,
    backfills,
    connections,
    items,
    layouts,
    links,
    previews,
    reconciliation,
    reference,
    routes,
    segments,
    switching,
    testing,
)
from connections.views.freshbooks_urls import urlpatterns as freshbooks

of_a_tenant = [
    path("arrived/<slug:public_id>/", arrived.arrived_document, name="arrived_document"),
    path("arrived/<slug:public_id>/take/", arrived.take_document, name="take_document"),
    path("arrived/<slug:public_id>/dismiss/", arrived.dismiss_document, name="dismiss_document"),
    path("documents/<slug:public_id>/choose/", arrived.choose, name="choose"),
    path("connections/", connections.connections, name="connections"),
    path("connections/add/<slug:system>/", connections.add_connection, name="add_connection"),
    path("connections/<slug:key>/", connections.connection, name="connection"),
    path("connections/<slug:key>/edit/", connections.edit_connection, name="edit_connection"),
    path("connections/<slug:key>/sign-in/", connections.start_sign_in, name="start_sign_in"),
    path("connections/<slug:key>/test/", testing.test_connection, name="test_connection"),
    path("connections/<slug:key>/host-key/", testing.confirm_host_key, name="confirm_host_key"),
    path("connections/<slug:key>/resume/", switching.resume_connection, name="resume_connection"),
    path("connections/<slug:key>/on/", switching.switch_on_connection, name="switch_on_connection"),
    path("connections/<slug:key>/off/", switching.switch_off_connection, name="switch_off_connection"),
    path("connections/<slug:key>/delete/", switching.delete_connection, name="delete_connection"),
    path("connections/<slug:key>/payments/", reconciliation.reconciliation, name="reconciliation"),
    path(
        "connections/<slug:key>/payments.csv", reconciliation.reconciliation_file, name="reconciliation_file"
    ),
    path("links/<slug:key>/", links.link_clients, name="link_clients"),
    path("gl-mappings/add/<slug:key>/", segments.add_gl_mapping, name="add_gl_mapping"),
    path("gl-mappings/<int:pk>/", segments.edit_gl_mapping, name="edit_gl_mapping"),
    path("gl-mappings/<int:pk>/remove/", segments.remove_gl_mapping, name="remove_gl_mapping"),
    path("partners/<slug:code>/items/add/<slug:key>/", items.add_item, name="add_item"),
    path("items/<int:pk>/", items.edit_item, name="edit_item"),
    path("items/<int:pk>/remove/", items.remove_item, name="remove_item"),
    path("connections/<slug:key>/reference/", reference.reference, name="reference"),
    path("connections/<slug:key>/reference/read/", reference.read_again, name="read_reference"),
    path("connections/<slug:key>/reference/link/", reference.link_entries, name="link_reference"),
    path("connections/<slug:key>/reference/unlink/", reference.unlink_entries, name="unlink_reference"),
    path("connections/<slug:key>/reference/aside/", reference.set_aside, name="set_reference_aside"),
    path("layouts/", layouts.layouts, name="layouts"),
    path("layouts/add/", layouts.add_layout, name="add_layout"),
    path("layouts/<slug:key>/", layouts.layout, name="layout"),
    path("layouts/<slug:key>/edit/", layouts.edit_layout, name="edit_layout"),
    path("layouts/<slug:key>/sample/", layouts.replace_sample, name="replace_sample"),
    path("layouts/<slug:key>/discard/", layouts.discard_draft, name="discard_draft"),
    path("layouts/<slug:key>/versions/<int:number>/", layouts.layout_version, name="layout_version"),
    path(
        "layouts/<slug:key>/versions/<int:number>/take-up/", layouts.take_up_version, name="take_up_version"
    ),
    path("routes/", routes.routes, name="routes"),
    path("routes/add/", routes.add_route, name="add_route"),
    path("routes/add-inbound/", routes.add_inbound_route, name="add_inbound_route"),
    path("routes/<slug:key>/", routes.route, name="route"),
    path("routes/<slug:key>/edit/", routes.edit_route, name="edit_route"),
    path("routes/<slug:key>/switch/", routes.switch_route, name="switch_route"),
    path("routes/<slug:key>/preview/", previews.preview, name="preview"),
    path("routes/<slug:key>/backfill/", backfills.start_backfill, name="start_backfill"),
    path("backfills/<int:pk>/cancel/", backfills.cancel_backfill, name="cancel_backfill"),
]

urlpatterns = [*freshbooks, path("t/<slug:tenant_slug>/", include(of_a_tenant))]
