from django.urls import include, path

from audit.pages import arrivals, documents, notices, reports

of_a_tenant = [
    path("documents/", documents.documents, name="documents"),
    path("documents/<slug:public_id>/", documents.document, name="document"),
    path("documents/<slug:public_id>/decide/<slug:key>/", documents.decide, name="decide"),
    path("documents/<slug:public_id>/bytes/<int:pk>/", documents.download_payload, name="download_payload"),
    path("arrivals/", arrivals.arrivals, name="arrivals"),
    path("arrivals/<slug:public_id>/", arrivals.arrival, name="arrival"),
    path("arrivals/<slug:public_id>/decide/<slug:key>/", arrivals.decide_arrival, name="decide_arrival"),
    path("arrivals/<slug:public_id>/bytes/", arrivals.download_arrival, name="download_arrival"),
    path("reports/", reports.reports, name="reports"),
    path("notices/<int:pk>/done/", notices.close_notice, name="close_notice"),
]

urlpatterns = [path("t/<slug:tenant_slug>/", include(of_a_tenant))]
