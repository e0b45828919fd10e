"""Where webhooks may go: URLs that have one reading, addresses of the public internet, and what an operator names."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.errors import Refused
from volact.service.webhooks.targets import REFUSED, Allowed, Target, is_global, judged, read_target

PUBLIC = ip_address("93.184.215.14")
INTERNAL = (
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%2", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "::93.184.215.14"),
    *("2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b::e000:1"),
    *("64:ff9b:1::a00:1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1", "3fff::1", "5f00::1", "4000::1"),
)
EXTERNAL = (
    *("93.184.215.14", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"),
    *("::ffff:93.184.215.14", "2002:5db8:d70e::1", "64:ff9b::5db8:d70e"),
)


@pytest.mark.parametrize("text", INTERNAL)
def test_internal_addresses_are_not_of_the_public_internet(text: str) -> None:
    """Private, local, shared, reserved and multicast addresses are internal, also inside of an address of IPv6."""
    assert not is_global(ip_address(text))


@pytest.mark.parametrize("text", EXTERNAL)
def test_addresses_of_the_public_internet_are_global(text: str) -> None:
    """Addresses that are reached from everywhere are global, also where IPv6 carries one of IPv4."""
    assert is_global(ip_address(text))


@given(st.integers(0, 2**32 - 1))
def test_an_address_within_another_one_counts_as_itself(number: int) -> None:
    """However an address of IPv4 is put into one of IPv6, it is no more public than it was."""
    inner = IPv4Address(number)
    assert is_global(IPv6Address(0xFFFF << 32 | number)) == is_global(inner)
    assert is_global(IPv6Address((0x64FF9B << 96) | number)) == is_global(inner)
    assert not is_global(IPv6Address(0x2002 << 112 | number << 80)) or is_global(inner)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example.com", Target("https", "hooks.example.com", 443, "/")),
        ("https://Hooks.Example.COM/a/B?c=%20d", Target("https", "hooks.example.com", 443, "/a/B?c=%20d")),
        ("https://hooks.example.com:443/x", Target("https", "hooks.example.com", 443, "/x")),
        ("http://intranet:8080?x", Target("http", "intranet", 8080, "/?x")),
        ("https://93.184.215.14/x", Target("https", "93.184.215.14", 443, "/x")),
        ("https://[2606:4700::1111]:8443/x", Target("https", "2606:4700::1111", 8443, "/x")),
        ("https://[2606:4700:0::0:1111]/", Target("https", "2606:4700::1111", 443, "/")),
        ("https://xn--bcher-kva.example/", Target("https", "xn--bcher-kva.example", 443, "/")),
        ("https://0x7f.example/", Target("https", "0x7f.example", 443, "/")),
    ],
)
def test_a_url_is_read_once(url: str, target: Target) -> None:
    """A URL is read into scheme, host, port and path, and no one reads it again."""
    assert read_target(url) == target


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "hooks.example.com",
            "//hooks.example.com/",
            "ftp://hooks.example.com/",
            "file:///etc/passwd",
            "https:///x",
        ),
        *("https://", "https://:443/", "https://user@hooks.example.com/", "https://user:pw@hooks.example.com/"),
        *("https://hooks.example.com/#x", "https://hooks.example.com#", "https://hooks.example.com@10.0.0.1/"),
        *("https://hooks.example.com:0/", "https://hooks.example.com:/", "https://hooks.example.com:65536/"),
        *("https://hooks.example.com:x/", "https://hooks.example.com: 443/", "https://hooks.example.com\\@10.0.0.1/"),
        *("https://2130706433/", "https://127.1/", "https://0177.0.0.1/", "https://0x7f000001/", "https://127.0.0.01/"),
        *("https://0x7f.0.0.1/", "https://1.2.3.4.5/", "https://a.1/", "https://127.0.0.1./", "https://a.0x1/"),
        *("https://[::1%25lo]/", "https://[fe80::1%eth0]/", "https://[::1/", "https://[127.0.0.1]/", "https://::1/"),
        *("https://hooks.example.com./", "https://hooks..example.com/", "https://.example.com/", "https://-a.example/"),
        *("https://b\u00fccher.example/", "https://hooks%2eexample.com/", "https://hooks.example.com/a b"),
        *(
            "https://hooks.example.com/\t",
            "\nhttps://hooks.example.com/",
            "https://ho\u200bst.example/",
            " https://a.example/",
        ),
        *(
            "https://" + "a" * 64 + ".example/",
            "https://" + "a." * 130 + "example/",
            "https://a.example/" + "x" * 2_000,
        ),
        *("https://hooks.example.com/<x>", 'https://hooks.example.com/"x"', "https://[v1.x]/", "https://a,b.example/"),
        *(
            "https://a[::1]/",
            "https://[::1]a/",
            "https://[::1]:80:80/",
            "https://[]/",
            "https://a]/",
            "https://[[::1]]/",
        ),
    ],
)
def test_a_url_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    """A URL with user, fragment, odd signs, or an address in an odd form is refused as it is added."""
    with pytest.raises(Refused) as caught:
        read_target(url)
    assert caught.value.code == REFUSED


@given(st.text(max_size=30) | st.from_regex(r"https?://[a-z0-9.\[\]:@#%\\-]{0,20}(/.*)?", fullmatch=True))
def test_whatever_is_given_is_read_or_refused(url: str) -> None:
    """Any text is a target, or is refused with `webhook_target_refused`, and no other error comes of it."""
    with suppress(Refused):
        assert read_target(url).host


def refused(url: str, *addresses: str, allow: tuple[str, ...] = ()) -> bool:
    """Whether a target is refused that has those addresses."""
    found, target, allowed = [ip_address(text) for text in addresses], read_target(url), Allowed.read(allow)
    with suppress(Refused):
        assert judged(target, found, allowed=allowed) == tuple(found)
        return False
    return True


def test_a_target_is_public_https_on_443() -> None:
    """Without an operator's word a target is https on 443 with addresses that are all public."""
    assert not refused("https://hooks.example.com/", str(PUBLIC), "2606:4700:4700::1111")
    assert refused("http://hooks.example.com/", str(PUBLIC))
    assert refused("http://hooks.example.com:443/", str(PUBLIC))
    assert refused("https://hooks.example.com:8443/", str(PUBLIC))
    assert refused("https://hooks.example.com/", "10.0.0.1")
    assert refused("https://hooks.example.com/", str(PUBLIC), "127.0.0.1")
    assert refused("https://127.0.0.1/", "127.0.0.1")


def test_an_operator_allows_hosts_and_networks() -> None:
    """A host that is named may be internal, plain and on that port alone; a network is allowed on any port."""
    assert not refused("http://intranet/", "10.0.0.1", allow=("intranet",))
    assert not refused("https://intranet/", "10.0.0.1", allow=("Intranet",))
    assert refused("http://intranet:8080/", "10.0.0.1", allow=("intranet",))
    assert not refused("http://intranet:8080/", "10.0.0.1", allow=("intranet:8080",))
    assert refused("http://intranet/", "10.0.0.1", allow=("intranet:8080",))
    assert refused("http://other:8080/", "10.0.0.1", allow=("intranet:8080",))
    assert not refused("http://[::1]:8080/", "::1", allow=("[::1]:8080",))
    assert not refused("http://any.example:99/", "10.9.9.9", allow=("10.0.0.0/8",))
    assert not refused("https://any.example/", "10.9.9.9", str(PUBLIC), allow=("10.0.0.0/8",))
    assert refused("http://any.example/", "10.9.9.9", str(PUBLIC), allow=("10.0.0.0/8",))
    assert refused("https://any.example/", "10.9.9.9", "192.168.0.1", allow=("10.0.0.0/8",))
    assert not refused("http://127.0.0.1:8080/", "127.0.0.1", allow=("127.0.0.1:8080",))


def test_a_url_tells_whether_an_operator_has_to_allow_it() -> None:
    """Plain http, another port, and an internal address need an operator's word; a name on 443 is looked up first."""
    public = ("https://hooks.example.com/", "https://93.184.215.14/", "https://[2606:4700::1111]/", "https://intranet/")
    others = ("http://hooks.example.com/", "https://a.example:8443/", "https://10.0.0.1/", "https://[::1]/")
    assert [read_target(url).is_public for url in (*public, *others)] == [True] * 4 + [False] * 4


@pytest.mark.parametrize(
    "text", ["", ":80", "host:", "host:0", "host:x", "10.0.0.1/8", "a b", "host:99999", "https://a"]
)
def test_what_an_operator_allows_is_a_host_or_a_network(text: str) -> None:
    """Anything but HOST, HOST:PORT or a network is wrong usage."""
    with pytest.raises(Refused) as caught:
        Allowed.read([text])
    assert caught.value.code == "usage"


def test_a_host_is_named_in_a_request_with_a_port_that_is_not_its_own() -> None:
    """The Host of a request has the port where it is not the scheme's own, and brackets for an address of IPv6."""
    urls = ("https://a.example/", "http://a.example/", "http://a.example:443/", "https://[2606:4700::1111]:8443/")
    hosts = ("a.example", "a.example", "a.example:443", "[2606:4700::1111]:8443")
    assert tuple(read_target(url).authority for url in urls) == hosts
