"""clear-skies-snyk: its model of invitations."""

import os

import clearskies
from clearskies_snyk.backends import SnykBackend
from clearskies_snyk.models import SnykOrgInvite

from steps import end, fails, step

BASE, ORG = os.environ["BASE"], os.environ["ORG_ID"]
CREATE, LIST, CANCEL = "POST /rest/orgs/{org}/invites", "GET /rest/orgs/{org}/invites", "DELETE /rest/orgs/{org}/invites/{id}"
ROLE = os.environ["MEMBER_ROLE"]


def model(token_name):
    """The client's own model at our address, with a token from the environment."""
    authentication = clearskies.authentication.SecretBearer(environment_key=token_name, header_prefix="token ")

    class Invite(SnykOrgInvite):
        backend = SnykBackend(base_url=f"{BASE}/rest", authentication=authentication, resource_type="invite", can_update=False)

    return Invite


OWN, READER = model("TOKEN"), model("READER_TOKEN")


def run(invites: OWN, readers: READER):
    create = lambda email, role=ROLE, by=invites: by.create({"org_id": ORG, "email": email, "role": role})
    listed = lambda: list(invites.where(f"org_id={ORG}").paginate_all())
    made = step(CREATE, "a member", lambda: create("Sky@Example.com"), lambda one: one.email == "Sky@example.com" and one.role == ROLE and one.is_active)
    fails(CREATE, "twice", lambda: create("sky@example.com"), lambda error: "already_invited" in str(error) or "400" in str(error))
    fails(CREATE, "no address", lambda: create("nobody"), lambda error: "400" in str(error))
    fails(CREATE, "no role", lambda: create("a@example.com", ORG), lambda error: "400" in str(error))
    fails(CREATE, "without the permission", lambda: create("a@example.com", by=readers), lambda error: "403" in str(error))
    for number in range(24):
        create(f"sky{number}@example.com")
    rows = step(LIST, "page after page", listed, lambda rows: len({row.id for row in rows}) == len(rows) == 25)
    step(LIST, "with the name of the role", lambda: rows[0].role, lambda name: name == "Member")
    step(CANCEL, "one", lambda: made.delete())
    step(LIST, "without it", listed, lambda rows: len(rows) == 24 and made.id not in {row.id for row in rows})
    fails(CANCEL, "twice", lambda: rows[0].delete(), lambda error: "404" in str(error))


clearskies.contexts.Context(run, classes=[OWN, READER])()
end()
