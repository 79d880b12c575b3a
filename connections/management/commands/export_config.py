"""`manage.py export_config TENANT`: a tenant's set-up as YAML on standard output."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.config.dump import export_config
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Print a tenant's set-up as the YAML that import_config reads; secrets appear as env:NAME only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The organisation's slug.")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            known = ", ".join(Tenant.objects.values_list("slug", flat=True)[:20])
            raise CommandError(
                f"There is no organisation “{options['tenant']}”. Some that there are: {known}"
            )
        self.stdout.write(export_config(tenant), ending="")
