#!/usr/bin/env python3
"""run.py BINARY TOOLS: runs others' clients against the facades, each on an empty installation of its own.

TOOLS is the folder where scripts/conformance has installed them. Ends with a table, and with 1 if a step has failed."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
SNIPPETS = HERE.parent / "crates" / "facades" / "src"
OWNER = "ada@acme.test"


def clients(tools):
    """Vendor, client, its command, what it needs in its environment, and the extension of its snippet."""
    python = lambda name: {"PYTHONPATH": os.pathsep.join([str(tools / name), str(HERE)])}
    node = HERE / "clerk" / "node"
    adobe = HERE / "adobe" / "python"
    umapi = python("adobe-python")
    store = HERE / "appstoreconnect" / "node"
    return [
        ("adobe", "umapi-client 3.0.1", [sys.executable, "run.py"], adobe, umapi, "py"),
        ("adobe", "umapi-client 3.0.1, over TLS", [sys.executable, "token_exchange.py"], adobe, umapi, None),
        ("appstoreconnect", "appstore-connect-sdk 2.0.0", ["node", "sdk.mjs"], store, {}, "mjs"),
        ("appstoreconnect", "@rage-against-the-pixel/app-store-connect-api 4.4.1", ["node", "ratp.mjs"], store, {}, None),
        ("appstoreconnect", "node-app-store-connect-api 5.0.6", ["node", "plain.mjs"], store, {}, None),
        ("appstoreconnect", "appstoreconnect 0.10.1", [sys.executable, "run.py"], HERE / "appstoreconnect" / "python", python("appstoreconnect-python"), None),
        ("clickhouse", "clickhouse-cloud-api 0.5.0", [str(tools / "clickhouse-rust" / "bin" / "conformance-clickhouse")], HERE, {}, "rs"),
        ("clickhouse", "clickhouse-cloud-react-hooks 0.1.1", ["node", "run.mjs"], HERE / "clickhouse" / "node", {}, None),
        ("clerk", "@clerk/backend 3.19.0", ["node", "run.mjs"], node, {}, "mjs"),
        ("clerk", "clerk-backend-api 7.0.0", [sys.executable, "run.py"], HERE / "clerk" / "python", python("clerk-python"), "py"),
        ("clerk", "clerk-rs 0.4.1", [str(tools / "clerk-rust" / "bin" / "v0_4")], HERE, {}, None),
        ("clerk", "clerk-rs 0.5.0", [str(tools / "clerk-rust" / "bin" / "v0_5")], HERE, {}, None),
        ("snyk", "pysnyk 0.9.19", [sys.executable, "run.py"], HERE / "snyk" / "python", python("snyk-python"), "py"),
        ("snyk", "clear-skies-snyk 2.1.0", [sys.executable, "clear_skies.py"], HERE / "snyk" / "python", python("snyk-python"), None),
        ("snyk", "snyk-request-manager 1.9.3", ["node", "run.mjs"], HERE / "snyk" / "node", {}, None),
    ]


# Clients that keep nothing of a base URL but its host: for them the facade is at the root of one.
HOST_ONLY = ["snyk-request-manager 1.9.3"]


class Installation:
    """The program, with its data in a folder of its own."""

    def __init__(self, binary, folder, more):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.binary, self.url = binary, f"http://127.0.0.1:{port}"
        self.settings = {
            **os.environ,
            "VESTIBULE_DATA_DIR": folder,
            "VESTIBULE_LISTEN": f"127.0.0.1:{port}",
            "VESTIBULE_LOG": "warn",
            "VESTIBULE_API_REQUESTS_PER_MINUTE": "100000",
            **more,
        }

    def verb(self, *arguments, given=None):
        done = subprocess.run([self.binary, *arguments], env=self.settings, input=given, text=True, stdout=subprocess.PIPE, check=True)
        return done.stdout.strip()

    def key(self, surface, *more):
        return json.loads(self.verb("key", "create", "--for", surface, "--json", *more))

    def list(self, what):
        return json.loads(self.verb(what, "list", "--organization", "acme", "--json"))

    def serve(self):
        server = subprocess.Popen([self.binary, "serve"], env=self.settings, stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(self.url + "/readyz")
                return server
            except OSError:
                time.sleep(0.05)
        server.kill()
        sys.exit("the server does not answer")


def prepare(installation, vendor):
    """An organization, and what a client of the vendor is given."""
    owner = ["--owner-email", OWNER, "--owner-name", "Ada Byrne", "--owner-password-stdin"]
    installation.verb("organization", "create", "--name", "Acme", "--slug", "acme", *owner, given="hedgerow lantern oyster\n")
    app = ["--name", "Tides", "--external-id", "1000000001", "--bundle-id", "com.example.tides"]
    installation.verb("resource", "create", "--organization", "acme", *app)
    capitals = lambda prefix, keys: {prefix + name.upper(): value for name, value in keys.items()}
    return {
        "BASE": f"{installation.url}/{vendor}",
        "MEMBER_EMAIL": OWNER,
        "APP_ID": "1000000001",
        "MEMBER_ROLE": next(role["id"] for role in installation.list("role") if role["key"] == "member"),
        "NATIVE_KEY": installation.key("native")["token"],
        **capitals("", installation.key(vendor)),
        **capitals("READER_", installation.key(vendor, "--permissions", "org.read,org.user.read")),
    }


def allow_redirects(installation, native):
    body = json.dumps({"redirect_origins": ["https://app.example.com"]}).encode()
    headers = {"Authorization": f"Bearer {native}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{installation.url}/api/v1/organizations/acme", body, headers, method="PATCH")
    urllib.request.urlopen(request)


def run_client(client, command, folder, environment):
    """Its steps, as it prints them. Whatever else it says is shown."""
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, text=True, capture_output=True)
    steps = []
    for line in done.stdout.splitlines():
        try:
            steps.append(json.loads(line))
        except ValueError:
            print(f"{client}: {line}", file=sys.stderr)
    bad = [step for step in steps if not step["ok"]]
    for step in bad:
        print(f"{client}: {json.dumps(step)}", file=sys.stderr)
    if done.returncode not in (0, 1) or done.stderr or not steps or bool(bad) != (done.returncode == 1):
        print(f"{client}: {done.stderr}", file=sys.stderr)
        steps.append({"endpoint": "-", "step": "runs to its end", "ok": False})
    return steps


def run_snippet(vendor, client, command, extension, folder, environment):
    """The snippet as the portal shows it: public credentials filled in, secrets from the environment."""
    address = f"snippet-{extension}-{vendor}@example.com"
    environment = {**os.environ, **environment}
    if extension == "rs":  # compiled with the client, see its build.rs
        done = subprocess.run([Path(command[0]).with_name("snippet"), address], env=environment, text=True, capture_output=True)
        return told(client, extension, done)
    text = (SNIPPETS / vendor / "snippets" / f"invite.{extension}").read_text()
    for name, value in environment.items():
        text = text.replace("{{" + name.lower() + "}}", value)
    text = text.replace("{{base_url}}", environment["BASE"])
    # beside the client, as its packages are looked for there
    with tempfile.NamedTemporaryFile("w", suffix=f".{extension}", dir=folder) as file:
        file.write(text)
        file.flush()
        done = subprocess.run([command[0], file.name, address], env=environment, text=True, capture_output=True)
    return told(client, extension, done)


def told(client, extension, done):
    if done.returncode != 0:
        print(f"{client}: {done.stdout}{done.stderr}", file=sys.stderr)
    return [{"endpoint": "the portal's snippet", "step": extension, "ok": done.returncode == 0}]


def table(results):
    rows = {}
    for vendor, client, steps in results:
        for step in steps:
            good, all_steps = rows.setdefault((vendor, step["endpoint"]), {}).get(client, (0, 0))
            rows[vendor, step["endpoint"]][client] = (good + step["ok"], all_steps + 1)
    print("| vendor | endpoint | client: steps that passed |\n| --- | --- | --- |")
    for (vendor, endpoint), by_client in rows.items():
        told = ", ".join(f"{client}: {good}/{count}" for client, (good, count) in by_client.items())
        print(f"| {vendor} | `{endpoint}` | {told} |")


def try_client(binary, vendor, client, command, place, more, extension):
    """On an installation of its own."""
    with tempfile.TemporaryDirectory() as folder:
        host = {f"VESTIBULE_FACADE_{vendor.upper()}_HOST": "localhost"} if client in HOST_ONLY else {}
        installation = Installation(binary, folder, host)
        environment = {**prepare(installation, vendor), **more}
        if host:
            environment["BASE"] = installation.url.replace("127.0.0.1", "localhost")
        server = installation.serve()
        try:
            allow_redirects(installation, environment["NATIVE_KEY"])
            steps = run_client(client, command, place, environment)
            if extension:
                steps += run_snippet(vendor, client, command, extension, place, environment)
            return vendor, client, steps
        finally:
            server.terminate()
            server.wait()


def main():
    binary, tools = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    results = [try_client(binary, *client) for client in clients(tools)]
    table(results)
    steps = [step for _, _, steps in results for step in steps]
    print(f"\n{sum(step['ok'] for step in steps)} of {len(steps)} steps passed", flush=True)
    sys.exit(not all(step["ok"] for step in steps))


main()
