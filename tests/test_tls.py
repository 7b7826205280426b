import ssl

import httpx
import pytest

from bot.tls import context_for
from tests.proxies import CERTIFICATE


@pytest.mark.parametrize(
    "urls", [("http://127.0.0.1:8081",), ("http://botapi.test", ""), ("http://a.test", "http://b")]
)
def test_plain_http_reads_no_certificates(urls: tuple[str, ...]) -> None:
    """The local chat starts sooner; should such a connection turn to TLS all the same, nobody is trusted."""
    context = context_for(*map(httpx.URL, urls))
    assert context.cert_store_stats()["x509"] == 0
    assert context.verify_mode == ssl.CERT_REQUIRED


@pytest.mark.parametrize("urls", [("https://botapi.test", ""), ("http://botapi.test", "https://proxy.test")])
def test_an_encrypted_way_is_checked(monkeypatch: pytest.MonkeyPatch, urls: tuple[str, ...]) -> None:
    """To the server or to the proxy: against the certificates that the environment names."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    context = context_for(*map(httpx.URL, urls))
    assert context.cert_store_stats()["x509"] == 1
    assert context.verify_mode == ssl.CERT_REQUIRED
