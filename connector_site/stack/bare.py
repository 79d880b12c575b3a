"""A bare Django view that commits one row, to compare the webhook with: no signature, no queue, nothing else."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def commit_one_row(request: HttpRequest) -> HttpResponse:
    from connections.models import SourceRecord

    fields = request.POST
    SourceRecord.objects.create(
        connection_id=int(fields["connection"]), resource="bare", source_id=fields["object_id"]
    )
    return HttpResponse(status=200)


urlpatterns = [path("bare", commit_one_row)]

settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
