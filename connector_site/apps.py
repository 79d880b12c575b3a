from django.apps import AppConfig


class ConnectorSiteConfig(AppConfig):
    name = "connector_site"
    verbose_name = "ml-connector"
