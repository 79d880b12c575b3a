"""mappings.views: trading partners, their delivery places and links."""

import json

import pytest

from mappings.models import DeliveryPlace, PartnerLink, TradingPartner
from tests.factories import ConnectionFactory, DeliveryPlaceFactory, PartnerFactory, PartnerLinkFactory

ACME = {
    "name": "Acme Retail",
    "code": "",
    "sender_qualifier": "ZZ",
    "sender_id": "ACMETRADING",
    "receiver_qualifier": "ZZ",
    "receiver_id": "ACMERETAIL",
    "x12_version": "004010",
    "acknowledges": "997",
    "acknowledges_within_hours": "24",
    "overlay": "",
}


@pytest.fixture
def place(world):
    return DeliveryPlace.unscoped.get()


@pytest.fixture
def link(world):
    return PartnerLink.unscoped.get()


class TestWho:
    def forms(self, place, link):
        return (
            "partners/add/",
            "partners/globex/edit/",
            "partners/globex/places/add/",
            f"places/{place.pk}/",
            f"places/{place.pk}/remove/",
            f"links/{link.pk}/remove/",
        )

    def test_it_checks_ownership(self, browse, press, world, place, link, charlie):
        for path in ("partners/", "partners/globex/", *self.forms(place, link)):
            browse(charlie, path, status=404)
            assert press(charlie, path, ACME).status_code == 404

    def test_a_strangers_rows_are_not_reached_through_ones_own_organisation(
        self, client, world, place, link, charlie
    ):
        client.force_login(charlie)
        for path in self.forms(place, link)[1:]:
            assert client.post(f"/t/other-company/{path}", ACME).status_code == 404
        assert DeliveryPlace.unscoped.count() == PartnerLink.unscoped.count() == 1

    def test_a_viewer_looks_and_presses_nothing(self, browse, press, world, place, link, viewer):
        for path in ("partners/", "partners/globex/"):
            page = browse(viewer, path)
            for word in ("/add/", "/edit/", "/remove/", "Link clients"):
                assert word not in page
        for path in self.forms(place, link):
            browse(viewer, path, status=403)
            assert press(viewer, path, ACME).status_code == 403
        assert TradingPartner.unscoped.count() == 1


class TestList:
    def test_what_is_missing_stands_out(self, browse, world, alice):
        PartnerFactory.create(tenant=world.tenant, name="New Inc")
        PartnerFactory.create(name="Strange Inc")
        page = browse(alice, "partners/")
        assert "1 linked" in page
        assert page.count("Not linked") == 1
        assert "Strange Inc" not in page

    def test_gl_mappings_stand_below(self, browse, world, alice):
        page = browse(alice, "partners/")
        assert "4000-10" in page
        assert "gl-mappings/add/freshbooks/" in page

    def test_with_two_freshbooks_connections_each_is_named(self, browse, world, alice):
        ConnectionFactory.create(tenant=world.tenant, key="second", name="Second Books")
        page = browse(alice, "partners/")
        assert "Link clients of Second Books" in page
        assert "Add a GL mapping for Second Books" in page


class TestOne:
    def test_it_shows_how_it_is_addressed_and_served(self, browse, world, alice):
        page = browse(alice, "partners/globex/")
        for text in ("ZZ GLOBEX", "Globex server", "inbound", "Globex Corporation", "within 24 hours"):
            assert text in page

    def test_without_place_and_link_it_says_what_that_means(self, browse, world, alice):
        PartnerFactory.create(tenant=world.tenant, code="new")
        page = browse(alice, "partners/new/")
        assert "its documents are held until it has one" in page
        assert "No client or vendor is linked to it yet." in page


class TestAddAndEdit:
    def test_the_short_name_is_made_from_the_name(self, press, world, bob):
        answer = press(bob, "partners/add/", ACME)
        assert answer["Location"] == "/t/acme-trading/partners/acme-retail/"

    def test_a_short_name_is_given_once(self, press, world, bob):
        page = press(bob, "partners/add/", ACME | {"code": "globex"}).content.decode()
        assert "Another partner has the short name “globex”." in page
        PartnerFactory.create(code="others")
        assert press(bob, "partners/add/", ACME | {"code": "others"}).status_code == 302

    @pytest.mark.parametrize("name", ["Add", "§§§"])
    def test_a_name_of_which_no_address_can_be_made_asks_for_one(self, press, world, bob, name):
        page = press(bob, "partners/add/", ACME | {"name": name}).content.decode()
        assert "Enter a short name of letters and digits." in page

    def test_it_begins_with_a_clients_name_and_with_your_own_id(self, browse, world, bob):
        page = browse(bob, "partners/add/", name="Foxglove Florist")
        assert 'value="Foxglove Florist"' in page
        assert 'value="BYRON"' in page, "as the latest partner knows you"

    def test_the_short_name_stays(self, press, world, bob):
        press(bob, "partners/globex/edit/", ACME | {"code": "other", "name": "Globex Intl"})
        world.partner.refresh_from_db()
        assert (world.partner.code, world.partner.name) == ("globex", "Globex Intl")

    @pytest.mark.parametrize(
        ("qualifier", "identifier", "doubt"),
        [
            ("01", "12345678", "a DUNS number has nine digits"),
            ("12", "555-1234", "a telephone number has ten digits or more"),
            ("07", "123", "a GLN has thirteen digits"),
            ("02", "abcde", "a SCAC has two to four capital letters"),
        ],
    )
    def test_an_id_that_looks_like_a_slip_is_remarked_on_and_kept(
        self, press, world, bob, qualifier, identifier, doubt
    ):
        data = ACME | {"receiver_qualifier": qualifier, "receiver_id": identifier}
        page = press(bob, "partners/add/", data, follow=True).content.decode()
        assert f"Their id is “{identifier}”, but {doubt}" in page
        assert TradingPartner.unscoped.filter(receiver_id=identifier).exists()

    @pytest.mark.parametrize(("qualifier", "identifier"), [("01", "048274610"), ("ZZ", "ANYTHING AT.ALL")])
    def test_an_id_of_the_right_shape_is_not_remarked_on(self, press, world, bob, qualifier, identifier):
        data = ACME | {"receiver_qualifier": qualifier, "receiver_id": identifier}
        assert "but a" not in press(bob, "partners/add/", data, follow=True).content.decode()

    def test_you_and_they_cannot_have_the_same_id(self, press, world, bob):
        page = press(bob, "partners/add/", ACME | {"receiver_id": "ACMETRADING"}).content.decode()
        assert "This is your own id." in page

    @pytest.mark.parametrize("identifier", ["ACME*1", "A~B", "SIXTEENCHARACTERS"])
    def test_what_cannot_stand_in_an_envelope_is_refused(self, press, world, bob, identifier):
        assert press(bob, "partners/add/", ACME | {"receiver_id": identifier}).status_code == 200
        assert TradingPartner.unscoped.count() == 1


class TestDeviations:
    def test_they_are_stored_as_data(self, press, world, bob):
        overlay = {"codes": {"item": {"seller_item": "VN"}}, "tax_in_percent": True}
        press(bob, "partners/globex/edit/", ACME | {"overlay": json.dumps(overlay)})
        world.partner.refresh_from_db()
        assert world.partner.overlay == overlay

    @pytest.mark.parametrize("empty", ["", "{}", "  "])
    def test_none_is_an_empty_object(self, press, world, bob, empty):
        press(bob, "partners/globex/edit/", ACME | {"overlay": empty})
        world.partner.refresh_from_db()
        assert world.partner.overlay == {}

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ('{"codes": ', "Line 1, column 11: this is not JSON"),
            ("[1]", "must be an object"),
            ('{"tax_percent": true}', "tax_percent: there is no such setting"),
            ('{"tax_in_percent": "yes"}', "tax_in_percent: must be true or false"),
            ('{"codes": {"items": {}}}', "codes.items: must be one of"),
        ],
    )
    def test_a_fault_is_named_by_its_place(self, press, world, bob, text, fault):
        page = press(bob, "partners/globex/edit/", ACME | {"overlay": text})
        assert fault in page.content.decode()
        world.partner.refresh_from_db()
        assert world.partner.overlay == {}

    def test_what_was_typed_is_shown_again(self, press, world, bob):
        page = press(bob, "partners/globex/edit/", ACME | {"overlay": '{"cod'}).content.decode()
        assert "{&quot;cod" in page


class TestPlaces:
    @pytest.fixture
    def second(self, world):
        return ConnectionFactory.create(tenant=world.tenant, system="sftp", key="second", name="Second")

    def test_it_is_added_edited_and_removed(self, press, world, second, bob):
        press(bob, "partners/globex/places/add/", {"connection": second.pk, "outbound": "/in"})
        place = DeliveryPlace.unscoped.get(connection=second)
        press(bob, f"places/{place.pk}/", {"connection": second.pk, "outbound": "/in2", "inbound": "/ack"})
        place.refresh_from_db()
        assert (place.outbound, place.inbound) == ("/in2", "/ack")
        press(bob, f"places/{place.pk}/remove/")
        assert not DeliveryPlace.unscoped.filter(pk=place.pk).exists()

    def test_there_is_one_on_each_connection(self, press, world, bob):
        data = {"connection": world.server.pk, "outbound": "/in"}
        page = press(bob, "partners/globex/places/add/", data).content.decode()
        assert "Globex has a place on it already. Edit that one." in page

    def test_we_would_not_read_our_own_documents_back(self, press, world, second, bob):
        data = {"connection": second.pk, "outbound": "/x", "inbound": "/x"}
        page = press(bob, "partners/globex/places/add/", data).content.decode()
        assert "We would read our own documents back" in page

    def test_only_your_own_partner_systems_can_be_chosen(self, press, world, bob):
        for connection in (world.books, ConnectionFactory.create(system="sftp")):
            data = {"connection": connection.pk, "outbound": "/in"}
            assert press(bob, "partners/globex/places/add/", data).status_code == 200
        assert DeliveryPlace.unscoped.count() == 1

    def test_removing_says_what_it_means(self, browse, world, bob):
        page = browse(bob, f"places/{DeliveryPlace.unscoped.get().pk}/remove/")
        assert "New documents for Globex along routes to Globex server will be held." in page


class TestLinks:
    def test_a_link_is_removed_after_a_question(self, browse, press, world, link, bob):
        assert "New documents of the FreshBooks client Globex Corporation will be held." in browse(
            bob, f"links/{link.pk}/remove/"
        )
        press(bob, f"links/{link.pk}/remove/")
        assert not PartnerLink.unscoped.exists()

    def test_anothers_link_is_not_shown(self, browse, world, alice):
        PartnerLinkFactory.create(
            partner=PartnerFactory.create(code="globex"),
            connection=ConnectionFactory.create(),
            party_name="Strange Corporation",
        )
        DeliveryPlaceFactory.create(
            partner=PartnerFactory.create(code="x"), connection=ConnectionFactory.create(system="sftp")
        )
        assert "Strange Corporation" not in browse(alice, "partners/globex/")
