"""`/users/me`, its rate limit, and the ids of the URL families."""

from connections.sandbox.freshbooks.identity import BUSINESS_UUID


def me(api):
    return api.call("GET", "/auth/api/v1/users/me")


def test_it_has_no_result_layer_and_lists_the_businesses(api):
    person = me(api).json()["response"]
    assert "result" not in person
    assert person["identity_id"] == 31001
    mine, other = person["business_memberships"]
    assert (mine["role"], mine["business"]["account_id"]) == ("owner", "Zx9Qw1")
    assert mine["business"]["id"] == 77213 != mine["id"]
    assert mine["business"]["business_uuid"] == BUSINESS_UUID
    assert (other["role"], other["business"]["account_id"]) == ("client", None)
    assert person["roles"][0]["accountid"] == "Zx9Qw1"


def test_twenty_calls_a_minute_are_allowed_and_the_headers_say_so(api, clock):
    answers = [me(api) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].headers["X-RateLimit-Limit"] == "20"
    assert answers[0].headers["X-RateLimit-Remaining"] == "19"
    assert "Retry-After" not in answers[18].headers
    assert answers[19].headers["X-RateLimit-Remaining"] == "0"
    assert 0 < int(answers[19].headers["Retry-After"]) <= 60
    assert clock.epoch() < int(answers[19].headers["X-RateLimit-Reset"]) <= clock.epoch() + 60
    limited = me(api)
    assert limited.status_code == 429
    assert "Retry-After" in limited.headers
    clock.move(seconds=61)
    assert me(api).status_code == 200


def test_a_person_who_is_only_a_client_has_no_account_and_may_not_write(api, books):
    books.faults.set("client_role_only")
    person = me(api).json()["response"]
    (membership,) = person["business_memberships"]
    assert membership["business"]["account_id"] is None
    assert person["roles"][0]["role"] == "client"
    assert person["roles"][0]["accountid"] == "Zx9Qw1"
    assert api.accounting("GET", "users/clients").status_code == 200
    assert api.refused("POST", "users/clients", "client", {"organization": "x"})[:2] == (403, 1003)


def test_the_wrong_kind_of_id_in_a_path_is_404(api):
    for account in ("77213", BUSINESS_UUID, "zx9qw1"):
        assert api.call("GET", f"/accounting/account/{account}/invoices/invoices").status_code == 404
        assert api.call("GET", f"/events/account/{account}/events/callbacks").status_code == 404
    path = "/accounting/businesses/77213/ledger_accounts/accounts"
    assert api.call("GET", path).status_code == 404
