"""The pages that nobody wants to see."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from connector_site import urls as project


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def suspicious(request: HttpRequest) -> HttpResponse:
    from django.core.exceptions import BadRequest

    raise BadRequest


urlpatterns = [*project.urlpatterns, path("broken/", broken), path("suspicious/", suspicious)]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nowhere/", 404, "This page does not exist"),
        ("/suspicious/", 400, "could not be understood"),
        ("/broken/", 500, "Something went wrong on our side"),
    ],
)
def test_each_error_says_what_to_do_next(db, address, status, words):
    response = Client(raise_request_exception=False).get(address)
    assert response.status_code == status
    page = response.content.decode()
    assert words in page
    assert "app.css" in page


def test_a_form_without_its_token_is_explained(db):
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "load the page anew, and send the form again" in response.content.decode()


def test_the_error_page_needs_no_database(django_db_blocker):
    from django.template.loader import render_to_string

    with django_db_blocker.block():
        assert "Something went wrong" in render_to_string("500.html")
