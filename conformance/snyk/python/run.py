"""pysnyk: its helpers for the older API, and its pages and plain calls for the API of versions."""

import os

from snyk import SnykClient
from snyk.errors import SnykHTTPError, SnykNotFoundError

from steps import end, fails, step

BASE, TOKEN, ORG = os.environ["BASE"], os.environ["TOKEN"], os.environ["ORG_ID"]
READER, OWNER = os.environ["READER_TOKEN"], os.environ["MEMBER_EMAIL"]
VERSION = "2024-06-21"
LIST, CREATE, CANCEL = "GET /rest/orgs/{org}/invites", "POST /rest/orgs/{org}/invites", "DELETE /rest/orgs/{org}/invites/{id}"
OLD = "POST /v1/org/{org}/invite"


def old(token):
    return SnykClient(token, url=f"{BASE}/v1", rest_api_url=f"{BASE}/rest")


def rest(token, version=VERSION):
    return SnykClient(token, url=f"{BASE}/rest", rest_api_url=f"{BASE}/rest", version=version)


def refused(status):
    """This client shows the whole answer where the body has no `code` of the older API."""
    return lambda error: isinstance(error, SnykHTTPError) and (f"[{status}]" in str(error) or error.code == status)


org = step("GET /v1/orgs", "the one", lambda: old(TOKEN).organizations.get(ORG), lambda org: org.slug == "acme")
step("GET /v1/orgs", "all", lambda: old(TOKEN).organizations.all(), lambda orgs: [one.id for one in orgs] == [ORG])
fails("GET /v1/orgs", "another", lambda: old(TOKEN).organizations.get("x"), lambda error: isinstance(error, SnykNotFoundError))
fails("GET /v1/orgs", "a wrong token", lambda: old("wrong").organizations.all(), refused(401))
step(OLD, "a member", lambda: org.invite("old@example.com"), lambda done: done is True)
step(OLD, "an admin", lambda: org.invite("boss@example.com", admin=True), lambda done: done is True)
fails(OLD, "twice", lambda: org.invite("old@example.com"), refused(400))
fails(OLD, "a member already", lambda: org.invite(OWNER), refused(400))
fails(OLD, "no address", lambda: org.invite("nobody"), refused(400))
fails(OLD, "without the permission", lambda: old(READER).organizations.get(ORG).invite("other@example.com"), refused(403))

client = rest(TOKEN)
roles = step("GET /rest/tenants/{org}/roles", "all", lambda: rest(TOKEN, "2024-10-15~beta").get(f"tenants/{ORG}/roles").json()["data"],
             lambda roles: [role["attributes"]["name"] for role in roles] == ["Owner", "Admin", "Member"])
ROLE = roles[-1]["id"]


def create(email, role=ROLE, by=client, version=VERSION, **more):
    document = {"data": {"type": "org_invitation", "attributes": {"email": email, "role": role}}, **more}
    headers = {"Content-Type": "application/vnd.api+json"}
    return by.post(f"orgs/{ORG}/invites?version={version}", document, headers=headers)


made = step(CREATE, "a member", lambda: create("Grace@Example.com"), lambda answer: answer.status_code == 201 and answer.headers["location"])
attributes = made.json()["data"]["attributes"]
step(CREATE, "as it was asked for", lambda: attributes, lambda told: told == {"email": "Grace@example.com", "is_active": True, "role": ROLE})
step(CREATE, "an older version", lambda: create("older@example.com", version="2023-05-01"), lambda answer: answer.headers["snyk-version-served"] == "2023-04-28")
step(CREATE, "as plain JSON", lambda: client.post(f"orgs/{ORG}/invites?version={VERSION}", {
    "data": {"type": "org_invitation", "attributes": {"email": "plain@example.com", "role": ROLE}}}), lambda answer: answer.status_code == 201)
for name, call, status in [
    ("twice", lambda: create("grace@example.com"), 400),
    ("a member already", lambda: create(OWNER), 400),
    ("no address", lambda: create("nobody"), 400),
    ("no role", lambda: create("a@example.com", role=ORG), 400),
    ("what is no role", lambda: create("a@example.com", role="member"), 400),
    ("more than there is", lambda: create("a@example.com", meta={}), 400),
    ("no version", lambda: create("a@example.com", version=""), 400),
    ("before the first version", lambda: create("a@example.com", version="2020-01-01"), 404),
    ("a wrong token", lambda: create("a@example.com", by=rest("wrong")), 401),
    ("without the permission", lambda: create("a@example.com", by=rest(READER)), 403),
]:
    fails(CREATE, name, call, refused(status))
for number in range(30):
    create(f"person{number}@example.com")
listed = step(LIST, "page after page", lambda: client.get_rest_pages(f"orgs/{ORG}/invites", {"limit": 10}),
              lambda rows: len({row["id"] for row in rows}) == len(rows) == 35)
step(LIST, "in the order of making", lambda: [row["attributes"]["email"] for row in listed],
     lambda emails: emails[:3] == ["old@example.com", "boss@example.com", "Grace@example.com"] and emails[-1] == "person29@example.com")
step(LIST, "roles by name", lambda: {row["attributes"]["role"] for row in listed}, lambda names: names == {"Member", "Admin"})
step(LIST, "a larger page", lambda: client.get(f"orgs/{ORG}/invites", {"limit": 100}).json(), lambda body: len(body["data"]) == 35 and "next" not in body["links"])


def backwards():
    """From the last page along `prev`, which this client follows like any path."""
    path, pages = f"/orgs/{ORG}/invites?limit=10&version={VERSION}", []
    walk = lambda path: client.get(path, {}, exclude_version=True, exclude_params=True).json()
    for link in ("next", "prev"):
        pages = []
        while path:
            body = walk(path)
            pages.append([row["id"] for row in body["data"]])
            last, path = path, body["links"].get(link)
        path = last
    return sum(reversed(pages), [])


step(LIST, "page before page", backwards, lambda ids: ids == [row["id"] for row in listed])
for name, params, status in [("a limit of 15", {"limit": 15}, 400), ("an unknown name", {"status": "pending"}, 400), ("a wrong place", {"starting_after": "x"}, 400)]:
    fails(LIST, name, lambda: client.get(f"orgs/{ORG}/invites", params), refused(status))
fails(LIST, "another organization", lambda: client.get(f"orgs/{ROLE}/invites"), refused(404))
step(CANCEL, "all", lambda: [client.delete(f"orgs/{ORG}/invites/{row['id']}?version={VERSION}").status_code for row in listed], lambda codes: set(codes) == {204})
step(LIST, "none", lambda: client.get_rest_pages(f"orgs/{ORG}/invites", {"limit": 10}), lambda rows: rows == [])
fails(CANCEL, "twice", lambda: client.delete(f"orgs/{ORG}/invites/{listed[0]['id']}?version={VERSION}"), refused(404))
fails(CANCEL, "without the permission", lambda: rest(READER).delete(f"orgs/{ORG}/invites/{listed[0]['id']}?version={VERSION}"), refused(403))
step("GET /rest/orgs", "the one", lambda: client.get("orgs").json()["data"], lambda orgs: [one["id"] for one in orgs] == [ORG])
step("GET /rest/orgs/{org}", "the one", lambda: client.get(f"orgs/{ORG}").json()["data"], lambda one: one["attributes"]["slug"] == "acme")
step("GET /rest/orgs/{org}/memberships", "the owner", lambda: rest(TOKEN, "2024-08-25").get_rest_pages(f"orgs/{ORG}/memberships", {"limit": 10}),
     lambda rows: [row["relationships"]["user"]["data"]["attributes"]["email"] for row in rows] == [OWNER])
end()
