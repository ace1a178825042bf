"""appstoreconnect: what it has about invitations, users and apps. Its address is a constant of its module."""

import os

import appstoreconnect
from appstoreconnect import Api
from appstoreconnect.api import APIError

from steps import end, fails, step

BASE, ISSUER, OWNER, APP = os.environ["BASE"], os.environ["ISSUER_ID"], os.environ["MEMBER_EMAIL"], os.environ["APP_ID"]
CREATE, LIST, READ = "POST /userInvitations", "GET /userInvitations", "GET /userInvitations/{id}"
appstoreconnect.api.BASE_API = BASE


def by(prefix=""):
    return Api(os.environ[f"{prefix}KEY_ID"], os.environ[f"{prefix}PRIVATE_KEY"], ISSUER, submit_stats=False)


def invite(email, by, roles=("DEVELOPER",), apps=None, first="Ada", last="Lovelace"):
    return by.invite_user(apps is None, email, first, last, False, list(roles), apps)


def refused(status, sentence):
    return lambda error: isinstance(error, APIError) and error.status_code == status and sentence in str(error)


owner, reader = by(), by("READER_")
nobody = Api(os.environ["KEY_ID"], os.environ["READER_PRIVATE_KEY"], ISSUER, submit_stats=False)
made = step(CREATE, "for an app", lambda: invite("py-one@example.com", owner, ["DEVELOPER", "SALES"], [APP]),
            lambda one: one.email == "py-one@example.com" and one.roles == ["DEVELOPER", "SALES"] and one.allAppsVisible is False)
step(CREATE, "for all apps", lambda: invite("py-two@example.com", owner, last="Zhou"), lambda one: one.allAppsVisible is True)
fails(CREATE, "twice", lambda: invite("py-one@example.com", owner), refused(409, "open invitation"))
fails(CREATE, "a member already", lambda: invite(OWNER, owner), refused(409, "belongs to a user"))
fails(CREATE, "no first name", lambda: invite("py-x@example.com", owner, first=""), refused(409, "firstName"))
fails(CREATE, "a role of former days", lambda: invite("py-x@example.com", owner, ["TECHNICAL"]), refused(409, "roles/0"))
fails(CREATE, "an unknown app", lambda: invite("py-x@example.com", owner, apps=["1"]), refused(409, "'1'"))
fails(CREATE, "without the permission", lambda: invite("py-x@example.com", reader), refused(403, "org.user.invite"))
fails(CREATE, "a wrong key", lambda: invite("py-x@example.com", nobody), refused(401, "bearer token"))

emails = lambda **query: [one.email for one in owner.list_invited_users(**query)]
step(LIST, "all", emails, lambda found: found == ["py-one@example.com", "py-two@example.com"])
step(LIST, "by address", lambda: emails(filters={"email": "py-two@example.com"}), lambda found: found == ["py-two@example.com"])
step(LIST, "by role", lambda: emails(filters={"roles": "SALES"}), lambda found: found == ["py-one@example.com"])
step(LIST, "by app", lambda: emails(filters={"visibleApps": APP}), lambda found: found == ["py-one@example.com"])
step(LIST, "by last name, downwards", lambda: emails(sort="-lastName"), lambda found: found == ["py-two@example.com", "py-one@example.com"])
fails(LIST, "an unknown filter", lambda: emails(filters={"emaill": "x"}), refused(400, "emaill"))
fails(LIST, "an unknown order", lambda: emails(sort="firstName"), refused(400, "firstName"))
for number in range(70):
    invite(f"py-page{number}@example.com", owner)
step(LIST, "how many", lambda: len(owner.list_invited_users()), lambda count: count == 72)
step(LIST, "page after page", emails, lambda found: len(found) == len(set(found)) == 72)
step(READ, "as it was made", lambda: owner.read_user_invitation_information(made.id), lambda one: one.email == made.email)
fails(READ, "nobody", lambda: owner.read_user_invitation_information("x"), refused(404, "'x'"))
step("GET /users", "the owner", lambda: [one.username for one in owner.list_users(filters={"username": OWNER})], lambda found: found == [OWNER])
step("GET /apps", "by bundle id", lambda: [one.id for one in owner.list_apps(filters={"bundleId": "com.example.tides"})], lambda found: found == [APP])
step("GET /apps/{id}", "the app", lambda: owner.read_app_information(APP), lambda one: one.name == "Tides")
end()
