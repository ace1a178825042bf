// clickhouse-cloud-react-hooks: its hooks about invitations, members and organizations, in a page without a screen.
import { JSDOM } from "jsdom";

const { BASE, KEY_ID: keyId, KEY_SECRET: keySecret, ORGANIZATION_ID: org, MEMBER_EMAIL } = process.env;
const { window } = new JSDOM("<!doctype html><body></body>", { url: "http://localhost/" });
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
Object.defineProperty(globalThis, "navigator", { value: window.navigator, configurable: true });
const { renderHook, waitFor } = await import("@testing-library/react");
const hooks = await import("clickhouse-cloud-react-hooks");
const config = { keyId, keySecret, baseUrl: BASE };

function say(endpoint, step, ok, more = {}) {
  if (!ok) process.exitCode = 1;
  console.log(JSON.stringify({ endpoint, step, ok: Boolean(ok), ...(ok ? {} : more) }));
}

/** What a hook gives once it has an answer. */
async function read(endpoint, step, hook, check) {
  const { result, unmount } = renderHook(hook);
  try {
    await waitFor(() => { if (!result.current.data && !result.current.error) throw new Error("not yet"); }, { timeout: 5000 });
    const { data, error } = result.current;
    say(endpoint, step, check(data, error), { data, error: `${error}` });
    return data;
  } finally {
    unmount();
  }
}

async function act(endpoint, step, call, check) {
  try {
    const value = await call();
    say(endpoint, step, check(value), { value });
    return value;
  } catch (error) {
    say(endpoint, step, check(undefined, error), { error: `${error}`, status: error.status });
  }
}

const CREATE = "POST /organizations/{id}/invitations", LIST = "GET /organizations/{id}/invitations";
const one = (id) => renderHook(() => hooks.useDeleteInvitation(org, id, config)).result.current.deleteInvitation;
const { createInvitation } = renderHook(() => hooks.useCreateInvitation(org, config)).result.current;
const whole = (value) => value?.result ?? value;
// what these hooks throw has the body for its message
const refused = (error, status) => JSON.parse(error?.message ?? "{}").status === status;
const made = whole(await act(CREATE, "by a word", () => createInvitation({ email: "Hook@Example.com", role: "developer" }),
  (value) => whole(value)?.email === "hook@example.com" && whole(value).role === "developer"));
await act(CREATE, "twice", () => createInvitation({ email: "hook@example.com", role: "developer" }), (_, error) => refused(error, 409));
await act(CREATE, "a member", () => createInvitation({ email: MEMBER_EMAIL, role: "admin" }), (_, error) => refused(error, 409));
await read(LIST, "all", () => hooks.useInvitations(org, config), (data) => data?.length === 1);
await read("GET /organizations/{id}/invitations/{id}", "as it was made", () => hooks.useInvitation(org, made.id, config), (data) => data?.id === made.id);
await read("GET /organizations", "the one", () => hooks.useOrganizations(config), (data) => data?.[0]?.id === org);
await read("GET /organizations/{id}/members", "the owner", () => hooks.useOrganizationMembers(org, config), (data) => data?.[0]?.email === MEMBER_EMAIL);
await act("DELETE /organizations/{id}/invitations/{id}", "once", one(made.id), (_, error) => !error);
await act("DELETE /organizations/{id}/invitations/{id}", "twice", one(made.id), (_, error) => refused(error, 404));
process.exit();
