"""umapi-client: commands that invite, the users that it queries, and the invites by its low-level verb, make_call."""

import datetime
import os
import time

import umapi_client as umapi
from refusals import fails
from steps import end, say, step

base, org = os.environ["BASE"], os.environ["ORG_ID"]
member = os.environ.get("MEMBER_EMAIL", "ada@acme.test")
tag = f"{time.time_ns() // 1_000_000}"
email = lambda name: f"{name}.{tag}@example.com"

ACTION = "POST /action/{orgId}"
LIST = "GET /{orgId}/invites"
GET, RESEND, REVOKE = LIST + "/{email}", "POST /{orgId}/invites/{email}", "DELETE /{orgId}/invites/{email}"
USERS, USER = "GET /users/{orgId}/{page}", "GET /organizations/{orgId}/users/{user}"
ADDED = (0, 1, 1)  # queued, sent, completed


def connect(api_key=os.environ["API_KEY"], token=os.environ["ACCESS_TOKEN"], organization=org, **more):
    auth = umapi.OAuthS2S(api_key, os.environ["CLIENT_SECRET"])
    # its own exchange is always https: see token_exchange.py
    auth.token, auth.expiry = token, datetime.datetime.now() + datetime.timedelta(hours=1)
    return umapi.Connection(organization, auth, endpoint=base + "/v2/usermanagement", max_retries=1, timeout=30, **more)


conn, test = connect(), connect(test_mode=True)
invites = f"/{org}/invites"
call = lambda path, **more: conn.make_call(path, **more)
emails = lambda answer: [invite["email"] for invite in answer.json()]
NOTHING = umapi.IfAlreadyExistsOption.errorIfAlreadyExists
UPDATE = umapi.IfAlreadyExistsOption.updateIfAlreadyExists


def adding(address, **more):
    action = umapi.UserAction(address, requestID="req-" + address)
    action.create(address, firstname="Ada", lastname="Byrne", id_type=umapi.IdentityType.adobeID, **{"country": "GB", **more})
    return action


def run(*actions, at=conn):
    return at.execute_multiple(actions, immediate=True), [error for action in actions for error in action.execution_errors()]


def refused(name, action, code):
    """One command that fails at its last step, and tells whose it was."""
    right = lambda done: done[0] == (0, 1, 0) and [error["errorCode"] for error in done[1]] == [code]
    told = lambda done: right(done) and done[1][0]["requestID"] == action.frame["requestID"]
    step(ACTION, name, lambda: run(action), told)


def post(path, body, **headers):
    headers = {"Content-Type": "application/json", **headers}
    return conn.session.post(conn.endpoint + path, data=body, auth=conn.auth, timeout=30, headers=headers)


# commands
step(ACTION, "testOnly", lambda: run(adding(email("t")), at=test), lambda done: done == (ADDED, []))
step(ACTION, "testOnly, the same twice", lambda: run(adding(email("t")), adding(email("t")), at=test), lambda done: done == ((0, 2, 2), []))
fails(GET, "a test has made nothing", lambda: call(f"{invites}/{email('t')}"), 404, "invites.pending.not_found")
step(ACTION, "addAdobeID", lambda: run(adding(email("a"))), lambda done: done == (ADDED, []))
sent = step(GET, "what was made", lambda: call(f"{invites}/{email('a')}"), lambda answer: emails(answer) == [email("a")]).json()[0]
step(ACTION, "again, ignoreIfAlreadyExists", lambda: run(adding(email("a"))), lambda done: done == (ADDED, []))
step(ACTION, "again, updateIfAlreadyExists", lambda: run(adding(email("a"), on_conflict=UPDATE)), lambda done: done == (ADDED, []))
step(GET, "again has sent nothing", lambda: call(f"{invites}/{email('a')}"), lambda answer: answer.json() == [sent])
refused("again, no option", adding(email("a"), on_conflict=NOTHING), "error.user.already_invited")
step(ACTION, "a member, ignoreIfAlreadyExists", lambda: run(adding(member)), lambda done: done == (ADDED, []))
refused("a member, no option", adding(member, on_conflict=NOTHING), "error.user.already_in_org")
partial = lambda done: done[0] == (0, 2, 1) and [error["target"]["user"] for error in done[1]] == [email("a")]
step(ACTION, "one of two fails", lambda: run(adding(email("a"), on_conflict=NOTHING), adding(email("b"))), partial)
refused("an address that is none", adding("no address@"), "error.user.email.invalid")
refused("an address of 61 characters", adding(email("l" * 61)), "error.command.string.too_long")
refused("a country that is none", adding(email("c"), country="ZZ"), "error.country.invalid")
refused("a group", adding(email("g")).add_to_groups(["Designers"]), "error.command.step.unknown")
fails(GET, "a command that fails has made nothing", lambda: call(f"{invites}/{email('g')}"), 404, "invites.pending.not_found")
twice = adding(email("d")).insert(addAdobeID={"email": email("d")})
refused("two creates", twice, "error.command.create.more_than_one")
gone = umapi.UserAction(email("nobody"))
gone.remove_from_organization()
step(ACTION, "removeFromOrg of nobody", lambda: run(gone), lambda done: done == (ADDED, []))
many = [adding(email(f"m{number:03}")) for number in range(205)]
step(ACTION, "205 in batches of ten", lambda: run(*many), lambda done: done == ((0, 205, 205), []))
malformed = lambda answer: (answer.status_code, answer.json()["result"]) == (400, "error.command.malformed")
for name, body in [("not JSON", "{"), ("no array", "{}"), ("an empty array", "[]"), ("eleven", "[" + ",".join(["{}"] * 11) + "]")]:
    step(ACTION, name, lambda: post(f"/action/{org}", body), malformed)

# the list
def ordered(name, query, key, descending):
    def check(answer):
        keys = [key(invite) for invite in answer.json()]
        return len(keys) == 200 and keys == sorted(keys, reverse=descending)

    step(LIST, name, lambda: call(invites + query), check)


sent_at, address = lambda invite: invite["lastSentDTS"], lambda invite: invite["email"]
ordered("by last sent, the newest first", "", sent_at, True)
ordered("the oldest first", "?sortOrder=ASC", sent_at, False)
ordered("by address", "/?page=0&includeExpired=false&sortColumn=EMAIL&sortOrder=ASC", address, False)
ordered("by address, backwards", "?sortColumn=EMAIL&sortOrder=DESC", address, True)
both = [step(LIST, f"page {page}", lambda: call(f"{invites}?page={page}")) for page in (0, 1)]
seen = [address for page in both for address in emails(page)]
say(LIST, "pages neither repeat nor skip", len(seen) == len(set(seen)) and {email(f"m{n:03}") for n in range(205)} <= set(seen))
numbers = lambda answer: [answer.headers[name] for name in ("X-Total-Count", "X-Page-Count", "X-Current-Page", "X-Page-Size")]
say(LIST, "headers tell the page", numbers(both[1]) == [str(len(seen)), "2", "1", "200"], told=numbers(both[1]))
fails(LIST, "past the end", lambda: call(f"{invites}?page=2"), 404, "invites.pending.not_found")
for query in ("page=-1", "includeExpired=perhaps", "sortColumn=NAME", "sortOrder=UP"):
    fails(LIST, query, lambda: call(f"{invites}?{query}"), 400, "error.parameter.invalid")
step(LIST, "below /organizations", lambda: call(f"/organizations{invites}"), lambda answer: len(answer.json()) == 200)

# one address
plus = f"p+{tag}@example.com"
step(ACTION, "an address with a plus", lambda: run(adding(plus)), lambda done: done == (ADDED, []))
for name, path in [("with a plus", plus), ("encoded", plus.replace("@", "%40").replace("+", "%2B")), ("in capitals", plus.upper())]:
    step(GET, name, lambda: call(f"{invites}/{path}"), lambda answer: emails(answer) == [plus])
step(GET, "below /organizations", lambda: call(f"/organizations{invites}/{plus}"), lambda answer: emails(answer) == [plus])
inviter = {"id", "email", "firstName", "lastName", "countryCode"}
shape = lambda one: set(one) == {"email", "inviteCode", "lastSentDTS", "invitedBy"} and set(one["invitedBy"]) == inviter
say(GET, "has every field", shape(sent) and isinstance(sent["lastSentDTS"], int), told=sent)
success = lambda answer: answer.status_code == 200 and answer.json() == {"status": "success"}
one = f"{invites}/{email('a')}"
# make_call posts only what has a body; the documented call has none
step(RESEND, "with a body", lambda: call(one, body=[{}]), success)
step(RESEND, "without a body", lambda: post(one, None), success)
step(GET, "a resend moves lastSentDTS", lambda: call(one), lambda answer: answer.json()[0]["lastSentDTS"] > sent["lastSentDTS"])
step(REVOKE, "an open one", lambda: call(one, delete=True), success)
for endpoint, more in [(GET, {}), (RESEND, {"body": [{}]}), (REVOKE, {"delete": True})]:
    fails(endpoint, "after it was revoked", lambda: call(one, **more), 404, "invites.pending.not_found")
step(ACTION, "invited again", lambda: run(adding(email("a"))), lambda done: done == (ADDED, []))
leaving = umapi.UserAction(email("b"))
leaving.remove_from_organization()
step(ACTION, "removeFromOrg of an invitee", lambda: run(leaving), lambda done: done == (ADDED, []))
fails(GET, "after removeFromOrg", lambda: call(f"{invites}/{email('b')}"), 404, "invites.pending.not_found")

# users
step(USERS, "members, and no invitees", lambda: umapi.UsersQuery(conn).all_results(), lambda users: [u["email"] for u in users] == [member])
step(USERS, "of a domain", lambda: umapi.UsersQuery(conn, in_domain="nowhere.example").all_results(), lambda users: users == [])
step(USERS, "of a group", lambda: umapi.UsersQuery(conn, in_group="Designers").all_results(), lambda users: users == [])
admins = lambda users: [user["email"] for user in users] == [member] and users[0]["groups"] == ["_org_admin"]
step(USERS, "the group of admins", lambda: umapi.UsersQuery(conn, in_group="_org_admin").all_results(), admins)
excluded = lambda users: [user["email"] for user in users if "_org_admin" in user.get("groups", [])]
step(USERS, "whom user-sync leaves alone", lambda: umapi.UsersQuery(conn).all_results(), lambda users: excluded(users) == [member])
step(USER, "a member", lambda: umapi.UserQuery(conn, member).result(), lambda user: user["email"] == member)
step(USER, "nobody", lambda: umapi.UserQuery(conn, "nobody@example.com").result(), lambda user: user == {})

# who gets in
step("GET /status", "without credentials", lambda: conn.session.get(base + "/status", timeout=30), lambda answer: answer.json()["state"] == "LIVE")
of = lambda **more: lambda: connect(**more).make_call(f"/{more.get('organization', org)}/invites")
fails(LIST, "a token that is none", of(token="mock-token"), 401)
fails(LIST, "the secret as a token", of(token=os.environ["CLIENT_SECRET"]), 401)
fails(LIST, "another client's id", of(api_key="my-api-key"), 403)
fails(LIST, "another organization", of(organization="12345@AdobeOrg"), 401)
fails(LIST, "an organization that is none", of(organization="acme"), 400, "error.organization.invalid_id")
number = {"X-Request-Id": f"{tag}/{member}"}
echoed = lambda: conn.session.get(conn.endpoint + invites, auth=conn.auth, headers=number, timeout=30)
step(LIST, "X-Request-Id comes back", echoed, lambda answer: answer.headers["X-Request-Id"] == number["X-Request-Id"])
if "READER_API_KEY" in os.environ:
    reader = connect(os.environ["READER_API_KEY"], os.environ["READER_ACCESS_TOKEN"])
    step(LIST, "a client that may only read", lambda: reader.make_call(invites), lambda answer: len(answer.json()) == 200)
    command = [adding(email("r")).wire_dict()]
    fails(ACTION, "a client that may only read", lambda: reader.make_call(f"/action/{org}", body=command), 403)
    fails(RESEND, "a client that may only read", lambda: reader.make_call(one, body=[{}]), 403)
    fails(REVOKE, "a client that may only read", lambda: reader.make_call(one, delete=True), 403)
end()
