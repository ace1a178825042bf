// snyk-request-manager: what Snyk's own tools send requests with. It keeps nothing of its address but the host.
import manager from "snyk-request-manager";

const { BASE, TOKEN, READER_TOKEN, ORG_ID: org, MEMBER_EMAIL } = process.env;
// it says that a host is odd which is not Snyk's
console.warn = () => {};

function say(endpoint, step, ok, more = {}) {
  if (!ok) process.exitCode = 1;
  console.log(JSON.stringify({ endpoint, step, ok: Boolean(ok), ...(ok ? {} : more) }));
}

/** A manager reads its address and its credentials where it is made. */
function by(settings, options = {}) {
  const kept = { ...process.env };
  Object.assign(process.env, { SNYK_API: `${BASE}/v1`, ...settings });
  const made = new manager.requestsManager({ burstSize: 10, period: 100, maxRetryCount: 1, ...options });
  process.env = kept;
  return made;
}

async function act(endpoint, step, call, check) {
  try {
    const value = await call();
    say(endpoint, step, check(value), { value: JSON.stringify(value?.data) });
    return value;
  } catch (error) {
    say(endpoint, step, check(undefined, error), { error: `${error}` });
  }
}

const owner = by({ SNYK_TOKEN: TOKEN });
const rest = (verb, path, body, from = owner) => from.request({ verb, url: path, useRESTApi: true, ...(body && { body: JSON.stringify(body) }) });
const old = (verb, path, body, from = owner) => from.request({ verb, url: path, ...(body && { body: JSON.stringify(body) }) });
const VERSION = "version=2024-06-21";
const CREATE = "POST /rest/orgs/{org}/invites", LIST = "GET /rest/orgs/{org}/invites", CANCEL = "DELETE /rest/orgs/{org}/invites/{id}";
/** By its kind, or by the status that it tells. */
const refused = (error, what) => `${error?.name}: ${error?.message}`.includes(what);

const roles = await act("GET /rest/tenants/{org}/roles", "all", () => rest("GET", `/tenants/${org}/roles?version=2024-10-15~beta`), (answer) => answer?.data.data.length === 3);
const role = roles.data.data[2].id;
const invite = (email, from = owner, more = {}) => rest("POST", `/orgs/${org}/invites?${VERSION}`, { data: { type: "org_invitation", attributes: { email, role, ...more } } }, from);

const made = await act(CREATE, "a member", () => invite("request@example.com"), (answer) => answer?.status === 201 && answer.data.data.attributes.role === role);
await act(CREATE, "twice", () => invite("request@example.com"), (_, error) => refused(error, "400"));
await act(CREATE, "a member already", () => invite(MEMBER_EMAIL), (_, error) => refused(error, "400"));
await act(CREATE, "more than there is", () => invite("a@example.com", owner, { name: "A" }), (_, error) => refused(error, "400"));
await act(CREATE, "a wrong token", () => invite("a@example.com", by({ SNYK_TOKEN: "wrong" })), (_, error) => refused(error, "ApiAuthenticationError"));
await act(CREATE, "without the permission", () => invite("a@example.com", by({ SNYK_TOKEN: READER_TOKEN })), (_, error) => refused(error, "403"));
await act(CREATE, "as a bearer", () => invite("bearer@example.com", by({ SNYK_TOKEN: "", SNYK_OAUTH_TOKEN: TOKEN })), (answer) => answer?.status === 201);
await act(CREATE, "many at once", () => owner.requestBulk(Array.from({ length: 10 }, (_, n) => ({
  verb: "POST", url: `/orgs/${org}/invites?${VERSION}`, useRESTApi: true,
  body: JSON.stringify({ data: { type: "org_invitation", attributes: { email: `bulk${n}@example.com`, role } } }),
}))), (answers) => answers?.every(({ status }) => status === 201));

let path = `/orgs/${org}/invites?${VERSION}&limit=10`, rows = [], pages = 0;
while (path) {
  const page = await act(LIST, `page ${++pages}`, () => rest("GET", path), (answer) => answer?.status === 200);
  rows = rows.concat(page.data.data);
  path = page.data.links.next;
}
say(LIST, "all of them", rows.length === 12 && new Set(rows.map(({ id }) => id)).size === 12, { rows: rows.length });
await act(LIST, "no version", () => rest("GET", `/orgs/${org}/invites`), (_, error) => refused(error, "400"));
await act(LIST, "another organization", () => rest("GET", `/orgs/${role}/invites?${VERSION}`), (_, error) => refused(error, "NotFoundError"));
for (const { id, attributes } of rows) {
  await act(CANCEL, attributes.email, () => rest("DELETE", `/orgs/${org}/invites/${id}?${VERSION}`), (answer) => answer?.status === 204);
}
await act(CANCEL, "twice", () => rest("DELETE", `/orgs/${org}/invites/${made.data.data.id}?${VERSION}`), (_, error) => refused(error, "NotFoundError"));
await act(LIST, "none", () => rest("GET", `/orgs/${org}/invites?${VERSION}`), (answer) => answer?.data.data.length === 0);
await act("GET /v1/orgs", "the one", () => old("GET", "/orgs"), (answer) => answer?.data.orgs[0].id === org);
await act("POST /v1/org/{org}/invite", "an admin", () => old("POST", `/org/${org}/invite`, { email: "old@example.com", isAdmin: true }), (answer) => answer?.status === 200);
await act("POST /v1/org/{org}/invite", "twice", () => old("POST", `/org/${org}/invite`, { email: "old@example.com" }), (_, error) => refused(error, "400"));
process.exit();
