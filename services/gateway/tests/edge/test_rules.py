from hypothesis import given
from hypothesis import strategies as st

from uchat_gateway.domain.accounts import is_email, missing_in_password
from uchat_gateway.domain.addresses import Origins, TrustedProxies, parse_networks
from uchat_gateway.domain.permissions import Permission, Role, may, permissions_of

MATRIX = {
    Role.VIEWER: "chat:read",
    Role.TRADER: "chat:read chat:write decision:propose decision:approve_own",
    Role.APPROVER: "chat:read chat:write decision:propose decision:approve_own"
    " decision:approve_others",
    Role.ADMIN: "chat:read chat:write decision:propose decision:approve_own"
    " decision:approve_others admin:*",
}


def test_each_role_may_do_exactly_this():
    for role in Role:
        assert {p.value for p in permissions_of([role])} == set(MATRIX[role].split())


@given(st.sets(st.sampled_from([*Role, "service", "nobody"])), st.sampled_from(list(Role)))
def test_another_role_never_takes_a_permission_away(roles, role):
    assert permissions_of(roles) <= permissions_of({*roles, role})


def test_an_unknown_role_may_nothing():
    assert not any(may(["service", "root", ""], permission) for permission in Permission)


def test_a_client_is_the_last_hop_that_no_trusted_proxy_wrote():
    proxies = TrustedProxies(parse_networks("127.0.0.1/32, 10.0.0.0/8"))
    assert proxies.client_of("203.0.113.9", ["1.2.3.4"]) == "203.0.113.9"
    assert proxies.client_of("127.0.0.1", ["6.6.6.6, 203.0.113.9"]) == "203.0.113.9"
    assert proxies.client_of("127.0.0.1", ["6.6.6.6, 203.0.113.9", "10.1.1.1"]) == "203.0.113.9"
    assert proxies.client_of("127.0.0.1", []) == "127.0.0.1"
    assert proxies.client_of("127.0.0.1", ["nonsense"]) == "127.0.0.1"
    assert proxies.client_of(None, ["1.2.3.4"]) == "unknown"
    assert proxies.client_of("::ffff:10.0.0.1", ["203.0.113.9"]) == "203.0.113.9"
    assert TrustedProxies().client_of("127.0.0.1", ["1.2.3.4"]) == "127.0.0.1"


def test_addresses_of_one_customer_count_together():
    nobody = TrustedProxies()
    assert nobody.client_of("2001:db8:1:2::1", []) == nobody.client_of("2001:db8:1:2:f::9", [])
    assert nobody.client_of("2001:db8:1:2::1", []) != nobody.client_of("2001:db8:1:3::1", [])


def test_only_known_origins_may_call_from_a_browser():
    origins = Origins(frozenset({"https://app.example"}))
    assert origins.allows("https://app.example", "api.example")
    assert origins.allows("http://localhost:8000", "localhost:8000")
    assert origins.allows(None, "api.example")
    assert not origins.allows("https://evil.example", "api.example")
    assert not origins.allows("https://app.example.evil", "api.example")
    assert not origins.allows("null", "")
    assert not origins.allows("null", None)


def test_passwords_and_addresses():
    assert missing_in_password("Correct1horse") == []
    assert missing_in_password("Ünïcode9x") == []
    assert len(missing_in_password("")) == 4
    assert missing_in_password("Aa1" * 100) == ["at most 256 characters"]
    for good in ("a@b.co", "first.last+tag@mail.example.com", "x@münchen.example", "a@uchat.local"):
        assert is_email(good), good
    for bad in ("", "a", "a@b", "@b.co", "a@", "a@b..co", "a b@c.de", "a@b@c.de", "a@b.co\n"):
        assert not is_email(bad), bad
