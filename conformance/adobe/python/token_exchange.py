"""umapi-client fetches its own token, which it does over https only: through a proxy of this script's own."""

import datetime
import http.client
import ipaddress
import os
import ssl
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import umapi_client as umapi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from steps import end, say, step

base = urlsplit(os.environ["BASE"])
org, client_id, secret = os.environ["ORG_ID"], os.environ["API_KEY"], os.environ["CLIENT_SECRET"]
OAUTH, JWT = "POST /ims/token/v2", "POST /ims/exchange/jwt"
A_DAY = datetime.timedelta(seconds=86_399)


class Proxy(BaseHTTPRequestHandler):
    """Everything as it comes, to the host of BASE."""

    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        upstream = http.client.HTTPConnection(base.netloc, timeout=30)
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        text = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        upstream.close()

    do_GET = do_POST = do_DELETE = pass_on

    def log_message(self, *_):
        pass


def pem(key):
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain)


def certificate(key, folder):
    """Signed by itself, for this machine. Its path, and that of its key."""
    now, name = datetime.datetime.now(datetime.timezone.utc), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).add_extension(names, critical=False)
    made = made.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    paths = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    for path, text in zip(paths, (made.public_bytes(serialization.Encoding.PEM), pem(key))):
        with open(path, "wb") as file:
            file.write(text)
    return paths


def exchanges(host, verify, private_key):
    more = {"auth_host": host, "ssl_verify": verify}
    root = base.path + "/ims"
    oauth = lambda **given: umapi.OAuthS2S(**{"client_id": client_id, "client_secret": secret, "auth_endpoint": root + "/token/v2", **more, **given})
    jwt = lambda **given: umapi.JWTAuth(**{
        "org_id": org, "client_id": client_id, "client_secret": secret, "tech_acct_id": "tech@techacct.adobe.com",
        "priv_key_data": private_key, "auth_endpoint": root + "/exchange/jwt", **more, **given,
    })

    def works(auth):
        auth.refresh_token()
        left = auth.expiry - datetime.datetime.now()
        is_a_day = abs(left - A_DAY) < datetime.timedelta(minutes=1)
        connection = umapi.Connection(org, auth, endpoint=f"https://{host}{base.path}/v2/usermanagement", ssl_verify=verify, max_retries=1)
        return is_a_day and umapi.UsersQuery(connection).all_results()

    def refused(endpoint, name, auth, code):
        try:
            auth.refresh_token()
            say(endpoint, name, False, error="got a token")
        except RuntimeError as error:
            say(endpoint, name, "Response Code: 400" in str(error) and f'"{code}"' in str(error), error=str(error)[:400])

    step(OAUTH, "a token for a day, that works", lambda: works(oauth()), bool)
    step("POST /ims/token/v3", "a token for a day, that works", lambda: works(oauth(auth_endpoint=root + "/token/v3")), bool)
    refused(OAUTH, "another secret", oauth(client_secret="vsk_wrong"), "invalid_client")
    refused(OAUTH, "another client's id", oauth(client_id="my-api-key"), "invalid_client")
    step(JWT, "a token for a day, that works", lambda: works(jwt()), bool)
    refused(JWT, "another secret", jwt(client_secret="vsk_wrong"), "invalid_client")
    refused(JWT, "another organization", jwt(org_id="12345@AdobeOrg"), "invalid_token")
    by_itself = lambda: umapi.UsersQuery(
        umapi.Connection(org, oauth(), endpoint=f"https://{host}{base.path}/v2/usermanagement", ssl_verify=verify, max_retries=1)
    ).all_results()
    step(OAUTH, "fetched when it is needed", by_itself, bool)


with tempfile.TemporaryDirectory() as folder:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    verify, key_file = certificate(key, folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(verify, key_file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    exchanges(f"127.0.0.1:{server.server_address[1]}", verify, pem(key).decode())
    server.shutdown()
end()
