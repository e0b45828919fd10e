"""Addresses of hosts and services, as people type them."""

import pytest

from volact.client.installation import normal_url
from volact.errors import Refused


@pytest.mark.parametrize(
    "url", ["host", "ftp://host", "http://", "http://[", "http://host:99999", "http://\udcff", "http://a\nb"]
)
def test_what_is_no_address_is_wrong_usage(url):
    """An address that is not http or https, or that cannot be written as text, is wrong usage."""
    with pytest.raises(Refused) as caught:
        normal_url(url)
    assert caught.value.code == "usage"
