"""clerk-backend-api: every call about invitations that it has, and what is refused."""

import json
import os
import warnings

from clerk_backend_api import Clerk, models
from steps import end, say, step

base, key = os.environ["BASE"] + "/v1", os.environ["SECRET_KEY"]
org, user = os.environ["ORGANIZATION_ID"], os.environ["INVITER_USER_ID"]
clerk = Clerk(bearer_auth=key, server_url=base)
orginv, app = clerk.organization_invitations, clerk.invitations
email = "py{}+tag@example.com".format
# one of the calls is deprecated, and still there
warnings.simplefilter("ignore", DeprecationWarning)

CREATE = "POST /organizations/{org}/invitations"
BULK = CREATE + "/bulk"
LIST = "GET /organizations/{org}/invitations"
PENDING = LIST + "/pending"
GET = LIST + "/{id}"
REVOKE = CREATE + "/{id}/revoke"
ALL, OF_USER = "GET /organization_invitations", "GET /users/{user}/organization_invitations"
APP, APP_BULK, APP_LIST, APP_REVOKE = "POST /invitations", "POST /invitations/bulk", "GET /invitations", "POST /invitations/{id}/revoke"


def fails(endpoint, name, call, status, code, meta=None):
    try:
        say(endpoint, name, False, error=f"succeeded: {call()}"[:300])
    except models.ClerkErrors as error:
        first = error.data.errors[0]
        told = (error.status_code, first.code)
        right = told == (status, code) and bool(first.long_message) and (meta is None or first.meta == meta)
        say(endpoint, name, right, told=[told, str(first.meta)])
    except models.SDKError as error:  # statuses that the client has no type for
        told = (error.status_code, json.loads(error.body)["errors"][0]["code"])
        say(endpoint, name, told == (status, code), told=told)


metadata = {"deptName": "eng", "nested": {"aB": 1, "list": [1, "two", None]}}
made = step(
    CREATE, "with everything",
    lambda: orginv.create(
        organization_id=org, email_address=email(1), role="org:member", inviter_user_id=user, public_metadata=metadata,
        private_metadata={"costCenter": 7}, redirect_url="https://app.example.com/accept?x=1", expires_in_days=7, notify=False,
    ),
    lambda made: made.status == "pending" and made.public_metadata == metadata and made.private_metadata == {"costCenter": 7}
    and made.inviter_id == user and made.public_inviter_data.user_id == user and made.role == "org:member" and made.role_name == "Member"
    and made.expires_at - made.created_at == 7 * 864e5 and "ticket=" in made.url,
)
step(CREATE, "with nothing but address and role", lambda: orginv.create(organization_id=org, email_address=email(2), role="org:admin"),
     lambda made: made.inviter_id is None and made.public_inviter_data is None and made.expires_at - made.created_at == 30 * 864e5)
step(CREATE, "role of an older spelling", lambda: orginv.create(organization_id=org, email_address=email(5), role="basic_member"),
     lambda made: made.role == "basic_member" and made.role_name == "Member")
step(CREATE, "for a year", lambda: orginv.create(organization_id=org, email_address=email(6), role="admin", expires_in_days=365),
     lambda made: made.expires_at - made.created_at == 365 * 864e5)

create = lambda **more: orginv.create(**{"organization_id": org, "email_address": email(7), "role": "org:member", **more})
fails(CREATE, "twice", lambda: create(email_address=email(1)), 400, "organization_invitation_not_unique")
fails(CREATE, "twice, in other capitals", lambda: create(email_address=email(1).upper()), 400, "organization_invitation_not_unique")
fails(CREATE, "a member", lambda: create(email_address=os.environ["MEMBER_EMAIL"]), 400, "already_a_member_in_organization")
fails(CREATE, "no address", lambda: create(email_address="nobody"), 422, "form_param_format_invalid")
fails(CREATE, "no such role", lambda: create(role="org:pilot"), 404, "resource_not_found")
fails(CREATE, "no such organization", lambda: create(organization_id="org_" + "0" * 32), 404, "resource_not_found")
fails(CREATE, "in the name of nobody", lambda: create(inviter_user_id="user_" + "0" * 32), 403, "not_a_member_in_organization")
fails(CREATE, "longer than a year", lambda: create(expires_in_days=366), 422, "form_param_value_invalid")
fails(CREATE, "redirected elsewhere", lambda: create(redirect_url="https://evil.example/"), 422, "invalid_redirect_url")
fails(CREATE, "redirected to a script", lambda: create(redirect_url="javascript:alert(1)"), 422, "prohibited_redirect_url")
fails(CREATE, "too much metadata", lambda: create(public_metadata={"text": "x" * 9000}), 422, "form_param_value_too_large")
wrong = Clerk(bearer_auth="sk_test_wrong", server_url=base)
fails(CREATE, "wrong key", lambda: wrong.organization_invitations.create(organization_id=org, email_address=email(7), role="org:member"), 401, "clerk_key_invalid")
other = Clerk(bearer_auth=os.environ["NATIVE_KEY"], server_url=base)
fails(LIST, "key of another API", lambda: other.organization_invitations.list(organization_id=org), 401, "clerk_key_invalid")
reader = Clerk(bearer_auth=os.environ["READER_SECRET_KEY"], server_url=base)
fails(CREATE, "key that may only read", lambda: reader.organization_invitations.create(organization_id=org, email_address=email(7), role="org:member"),
      403, "missing_organization_permission")

item = lambda n, **more: {"email_address": email(n), "role": "org:member", **more}
step(BULK, "two", lambda: orginv.bulk_create(organization_id=org, request_body=[item(3), item(4, role="org:admin", public_metadata={"aB": 2})]),
     lambda made: made.total_count == 2 and made.data[1].public_metadata == {"aB": 2})
fails(BULK, "one of them twice, so none", lambda: orginv.bulk_create(organization_id=org, request_body=[item(8), item(3)]), 400, "organization_invitation_not_unique")
step(LIST, "none of those", lambda: orginv.list(organization_id=org, email_address=email(8)), lambda found: found.total_count == 0)
fails(BULK, "eleven", lambda: orginv.bulk_create(organization_id=org, request_body=[item(n) for n in range(20, 31)]), 400, "bulk_size_exceeded")

step(LIST, "newest first", lambda: orginv.list(organization_id=org), lambda found: found.total_count == 6 and found.data[0].email_address == email(4))
step(LIST, "by address", lambda: orginv.list(organization_id=org, status="pending", email_address=email(3), order_by="-created_at", limit=5, offset=0),
     lambda found: [one.email_address for one in found.data] == [email(3)])
step(LIST, "sorted", lambda: orginv.list(organization_id=org, order_by="+email_address"),
     lambda found: [one.email_address for one in found.data] == sorted(one.email_address for one in found.data))
pages = lambda: [one.id for offset in range(0, 6, 2) for one in orginv.list(organization_id=org, limit=2, offset=offset).data]
step(LIST, "page by page", pages, lambda ids: len(set(ids)) == 6)
fails(LIST, "limit", lambda: orginv.list(organization_id=org, limit=501), 422, "form_param_value_invalid")
fails(LIST, "order", lambda: orginv.list(organization_id=org, order_by="name"), 422, "form_param_value_invalid")
step(PENDING, "all", lambda: orginv.list_pending(organization_id=org, limit=500, offset=0), lambda found: found.total_count == 6)
step(ALL, "by a part of the address", lambda: orginv.get_all(status="pending", query="PY1+", limit=20, offset=0),
     lambda found: [one.email_address for one in found.data] == [email(1)] and found.data[0].public_organization_data.id == org)
step(OF_USER, "those of the owner", lambda: clerk.users.get_organization_invitations(user_id=user), lambda found: found.total_count == 0)
fails(OF_USER, "of nobody", lambda: clerk.users.get_organization_invitations(user_id="user_" + "0" * 32), 404, "resource_not_found")
step(GET, "as it was made", lambda: orginv.get(organization_id=org, invitation_id=made.id), lambda one: one == made)
fails(GET, "unknown", lambda: orginv.get(organization_id=org, invitation_id="orginv_" + "0" * 32), 404, "organization_invitation_not_found")

fails(REVOKE, "in the name of nobody", lambda: orginv.revoke(organization_id=org, invitation_id=made.id, requesting_user_id="user_" + "0" * 32),
      403, "not_a_member_in_organization")
step(REVOKE, "in somebody's name", lambda: orginv.revoke(organization_id=org, invitation_id=made.id, requesting_user_id=user),
     lambda one: one.status == "revoked" and one.url is None)
fails(REVOKE, "twice", lambda: orginv.revoke(organization_id=org, invitation_id=made.id), 404, "organization_invitation_not_pending")
step(LIST, "revoked ones", lambda: orginv.list(organization_id=org, status="revoked"), lambda found: [one.id for one in found.data] == [made.id])
step(CREATE, "again after revoking", lambda: orginv.create(organization_id=org, email_address=email(1), role="org:member"), lambda one: one.id != made.id)

first = step(
    APP, "with everything",
    lambda: app.create(request={"email_address": email(9), "public_metadata": {"k": 1}, "redirect_url": "https://app.example.com/", "notify": False,
                                "ignore_existing": True, "expires_in_days": 3, "template_slug": "invitation"}),
    lambda made: made.status == "pending" and made.public_metadata == {"k": 1} and made.expires_at - made.created_at == 3 * 864e5,
)
fails(APP, "twice", lambda: app.create(request={"email_address": email(9)}), 400, "duplicate_record")
fails(APP, "a member", lambda: app.create(request={"email_address": os.environ["MEMBER_EMAIL"]}), 422, "form_identifier_exists")
second = step(APP, "instead of the open one", lambda: app.create(request={"email_address": email(9), "ignore_existing": True}), lambda made: made.id != first.id)
step(APP_BULK, "two", lambda: app.bulk_create(request=[{"email_address": email(10)}, {"email_address": email(11)}]), lambda made: len(made) == 2)
fails(APP_BULK, "both twice", lambda: app.bulk_create(request=[{"email_address": email(10)}, {"email_address": email(11)}]), 400, "duplicate_record")
step(APP_LIST, "by a part of the address", lambda: app.list(status="pending", query="py1", limit=5, offset=0), lambda found: len(found) >= 3)
step(APP_LIST, "by id", lambda: app.list(query=second.id), lambda found: [one.id for one in found] == [second.id])
step(APP_LIST, "not the revoked ones", lambda: app.list(limit=500), lambda found: first.id not in [one.id for one in found])
step(APP_REVOKE, "once", lambda: app.revoke(invitation_id=second.id), lambda one: one.status == "revoked")
fails(APP_REVOKE, "twice", lambda: app.revoke(invitation_id=second.id), 400, "invitation_already_revoked")
fails(APP_REVOKE, "unknown", lambda: app.revoke(invitation_id="inv_" + "0" * 32), 404, "resource_not_found")
end()
