"""What encrypted connections are checked against: read only where there is one."""

import ssl

import httpx


def context_for(*urls: httpx.URL) -> ssl.SSLContext:
    """Make what a client needs to reach all of these addresses; an empty one stands for none.

    Reading all certificates takes 50 ms of a processor, and plain http needs none of them: a context without any
    trusts nobody. Of the environment, SSL_CERT_FILE and SSL_CERT_DIR count.
    """
    is_plain = all(url.scheme in {"", "http"} for url in urls)
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else httpx.create_ssl_context()
