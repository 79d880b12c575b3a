from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConnectorSiteConfig(AppConfig):
    name = "connector_site"
    verbose_name = "ml-connector"


class SupportAdminConfig(AdminConfig):
    """Django's admin, with our start page."""

    default_site = "connector_site.admin_site.SupportSite"
