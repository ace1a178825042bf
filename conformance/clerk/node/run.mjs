// @clerk/backend: every call about invitations that it has, and what is refused.
import { createClerkClient } from "@clerk/backend";

const { BASE, SECRET_KEY, ORGANIZATION_ID: organizationId, INVITER_USER_ID: userId, MEMBER_EMAIL, READER_SECRET_KEY } = process.env;
const client = (secretKey) => createClerkClient({ apiUrl: BASE, secretKey });
const clerk = client(SECRET_KEY);
const email = (n) => `js${n}+tag@example.com`;
const DAY = 86_400_000;

const CREATE = "POST /organizations/{org}/invitations", LIST = "GET /organizations/{org}/invitations";
const BULK = `${CREATE}/bulk`, GET = `${LIST}/{id}`, REVOKE = `${CREATE}/{id}/revoke`;
const OF_USER = "GET /users/{user}/organization_invitations";
const APP = "POST /invitations", APP_BULK = `${APP}/bulk`, APP_LIST = "GET /invitations", APP_REVOKE = `${APP}/{id}/revoke`;

function say(endpoint, step, ok, more = {}) {
  if (!ok) process.exitCode = 1;
  console.log(JSON.stringify({ endpoint, step, ok: Boolean(ok), ...(ok ? {} : more) }));
}

async function step(endpoint, name, call, check = () => true) {
  try {
    const value = await call();
    say(endpoint, name, check(value), { value });
    return value;
  } catch (error) {
    say(endpoint, name, false, { error: `${error}`, errors: error.errors });
  }
}

async function fails(endpoint, name, call, status, code) {
  try {
    say(endpoint, name, false, { unexpected: await call() });
  } catch (error) {
    const told = [error.status, error.errors?.[0]?.code, Boolean(error.errors?.[0]?.longMessage)];
    say(endpoint, name, JSON.stringify(told) === JSON.stringify([status, code, true]), { told, error: `${error}` });
  }
}

const { organizations, invitations, users } = clerk;
const publicMetadata = { deptName: "eng", nested: { aB: 1 } };
const made = await step(CREATE, "with everything", () => organizations.createOrganizationInvitation({
  organizationId, inviterUserId: userId, emailAddress: email(1), role: "org:member", redirectUrl: "https://app.example.com/welcome",
  publicMetadata, privateMetadata: { costCenter: 7 }, expiresInDays: 7,
}), (made) => made.status === "pending" && JSON.stringify(made.publicMetadata) === JSON.stringify(publicMetadata)
  && made.privateMetadata.costCenter === 7 && made.publicUserData?.userId !== null && made.organizationId === organizationId
  && made.role === "org:member" && new URL(made.url).searchParams.get("ticket"));
const create = (more) => organizations.createOrganizationInvitation({ organizationId, inviterUserId: userId, emailAddress: email(7), role: "org:member", ...more });
await fails(CREATE, "twice", () => create({ emailAddress: email(1) }), 400, "organization_invitation_not_unique");
await fails(CREATE, "a member", () => create({ emailAddress: MEMBER_EMAIL }), 400, "already_a_member_in_organization");
await fails(CREATE, "no address", () => create({ emailAddress: "nobody" }), 422, "form_param_format_invalid");
await fails(CREATE, "address missing", () => create({ emailAddress: undefined }), 422, "form_param_missing");
await fails(CREATE, "address of the wrong type", () => create({ emailAddress: 7 }), 422, "form_param_type_invalid");
await fails(CREATE, "no such role", () => create({ role: "org:pilot" }), 404, "resource_not_found");
await fails(CREATE, "in the name of nobody", () => create({ inviterUserId: "user_0" }), 403, "not_a_member_in_organization");
await fails(CREATE, "redirected elsewhere", () => create({ redirectUrl: "https://evil.example" }), 422, "invalid_redirect_url");
await fails(CREATE, "wrong key", () => client("sk_test_wrong").organizations.createOrganizationInvitation(
  { organizationId, emailAddress: email(7), role: "org:member" }), 401, "clerk_key_invalid");
await fails(CREATE, "key that may only read", () => client(READER_SECRET_KEY).organizations.createOrganizationInvitation(
  { organizationId, emailAddress: email(7), role: "org:member" }), 403, "missing_organization_permission");

await step(BULK, "two", () => organizations.createOrganizationInvitationBulk(organizationId, [
  { inviterUserId: userId, emailAddress: email(2), role: "org:admin" }, { emailAddress: email(3), role: "org:member", publicMetadata: { a: { bC: 1 } } },
]), (made) => made.totalCount === 2 && made.data[1].publicMetadata.a.bC === 1);
await fails(BULK, "eleven", () => organizations.createOrganizationInvitationBulk(organizationId,
  Array.from({ length: 11 }, (_, n) => ({ emailAddress: email(20 + n), role: "org:member" }))), 400, "bulk_size_exceeded");

await step(LIST, "two statuses, from the second on", () => organizations.getOrganizationInvitationList(
  { organizationId, status: ["pending", "revoked"], limit: 2, offset: 1 }), (found) => found.totalCount >= 3 && found.data.length === 2);
await step(LIST, "one", () => organizations.getOrganizationInvitationList({ organizationId, limit: 1 }), (found) => found.data.length === 1);
await fails(LIST, "unknown status", () => organizations.getOrganizationInvitationList({ organizationId, status: ["open"] }), 422, "form_param_value_invalid");
await fails(LIST, "no such organization", () => organizations.getOrganizationInvitationList({ organizationId: "org_0" }), 404, "resource_not_found");
await step(GET, "as it was made", () => organizations.getOrganizationInvitation({ organizationId, invitationId: made.id }),
  (one) => one.id === made.id && one.emailAddress === email(1) && one.createdAt === made.createdAt);
await fails(GET, "unknown", () => organizations.getOrganizationInvitation({ organizationId, invitationId: "orginv_0" }), 404, "organization_invitation_not_found");
await step(OF_USER, "those of the owner", () => users.getOrganizationInvitationList({ userId, status: "pending" }), (found) => found.totalCount === 0);

await step(REVOKE, "in somebody's name", () => organizations.revokeOrganizationInvitation({ organizationId, invitationId: made.id, requestingUserId: userId }),
  (one) => one.status === "revoked");
await fails(REVOKE, "twice", () => organizations.revokeOrganizationInvitation({ organizationId, invitationId: made.id, requestingUserId: userId }),
  404, "organization_invitation_not_pending");
const again = await step(CREATE, "again after revoking", () => create({ emailAddress: email(1) }), (one) => one.id !== made.id);
await step(REVOKE, "without a body", () => organizations.revokeOrganizationInvitation({ organizationId, invitationId: again.id }), (one) => one.status === "revoked");

const one = await step(APP, "with metadata", () => invitations.createInvitation({
  emailAddress: email(9), publicMetadata: { planName: "pro" }, redirectUrl: "https://app.example.com/", expiresInDays: 3,
}), (one) => one.status === "pending" && one.publicMetadata.planName === "pro" && new URL(one.url).searchParams.get("ticket"));
await fails(APP, "twice", () => invitations.createInvitation({ emailAddress: email(9) }), 400, "duplicate_record");
await fails(APP, "a member", () => invitations.createInvitation({ emailAddress: MEMBER_EMAIL }), 422, "form_identifier_exists");
await fails(APP, "unknown field", () => invitations.createInvitation({ emailAddress: email(12), role: "org:admin" }), 422, "form_param_unknown");
await step(APP_BULK, "two", () => invitations.createInvitationBulk([{ emailAddress: email(10) }, { emailAddress: email(11) }]), (made) => made.length === 2);
await step(APP_LIST, "with the number of all", () => invitations.getInvitationList({ status: "pending", query: "js1", orderBy: "-created_at", limit: 5 }),
  (found) => found.totalCount >= 2 && found.data.every((one) => one.emailAddress.startsWith("js1")));
await step(APP_REVOKE, "once", () => invitations.revokeInvitation(one.id), (one) => one.revoked && one.status === "revoked");
await fails(APP_REVOKE, "twice", () => invitations.revokeInvitation(one.id), 400, "invitation_already_revoked");
