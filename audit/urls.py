from django.urls import include, path

from audit import pages

of_a_tenant = [
    path("documents/", pages.documents, name="documents"),
    path("documents/<slug:public_id>/", pages.document, name="document"),
    path("documents/<slug:public_id>/decide/<slug:key>/", pages.decide, name="decide"),
    path("documents/<slug:public_id>/bytes/<int:pk>/", pages.download_payload, name="download_payload"),
    path("arrivals/<slug:public_id>/", pages.arrival, name="arrival"),
]

urlpatterns = [path("t/<slug:tenant_slug>/", include(of_a_tenant))]
