// node-app-store-connect-api: reads, pages, creates and removes by address.
import { api } from "node-app-store-connect-api";
import { APPS, APPS_OF, APP_ID, BASE, CANCEL, CREATE, ISSUER_ID, KEY_ID, LIST, MEMBER_EMAIL, PRIVATE_KEY, READER_KEY_ID, READER_PRIVATE_KEY, READ, USERS, act, invitation } from "./steps.mjs";

let requests = 0;
// it takes no absolute address that does not begin with https, as links and its own do here: this is its own option
function fetch(url, options) {
  requests++;
  return globalThis.fetch(url.replace(`${BASE}/v1/http`, "http"), options);
}
const by = (apiKey, privateKey) => api({ issuerId: ISSUER_ID, apiKey, privateKey, urlBase: BASE, fetch });
const owner = await by(KEY_ID, PRIVATE_KEY), reader = await by(READER_KEY_ID, READER_PRIVATE_KEY), nobody = await by(KEY_ID, READER_PRIVATE_KEY);
const create = (email, more, apps, who = owner) => who.create(invitation(email, more, apps).data);
const refused = (status, code) => (_, error) => error?.data?.errors[0].status === String(status) && error.data.errors[0].code.startsWith(code);

const made = await act(CREATE, "for an app", () => create("plain-one@example.com", { allAppsVisible: false }, [APP_ID]), (one) => one.type === "userInvitations" && one.attributes.email === "plain-one@example.com");
await act(CREATE, "twice", () => create("plain-one@example.com"), refused(409, "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE"));
await act(CREATE, "no last name", () => create("plain-x@example.com", { lastName: "" }), refused(409, "ENTITY_ERROR.ATTRIBUTE.REQUIRED"));
await act(CREATE, "without the permission", () => create("plain-x@example.com", {}, undefined, reader), refused(403, "FORBIDDEN"));
requests = 0;
await act(LIST, "a wrong key, eleven times", () => nobody.fetchJson("userInvitations"), (_, error) => refused(401, "NOT_AUTHORIZED")(_, error) && requests === 11);
for (let number = 0; number < 6; number++) await create(`plain-page${number}@example.com`);
await act(LIST, "page after page", () => owner.readAll("userInvitations?limit=2&sort=email&include=visibleApps"),
  ({ data, included }) => data.length === 7 && new Set(data.map((one) => one.id)).size === 7 && included.apps[APP_ID].attributes.name === "Tides");
await act(LIST, "by address", () => owner.fetchJson("userInvitations", { params: { "filter[email]": "plain-page3@example.com" } }), (rows) => rows.length === 1);
await act(LIST, "a page", () => owner.read("userInvitations", { params: { limit: 3 } }), ({ data, meta }) => data.length === 3 && meta.paging.total === 7);
await act(LIST, "an unknown filter", () => owner.fetchJson("userInvitations", { params: { "filter[emaill]": "x" } }), refused(400, "PARAMETER_ERROR.INVALID"));
await act(READ, "as it was made", () => owner.fetchJson(`userInvitations/${made.id}`), (one) => one.id === made.id && one.attributes.allAppsVisible === false);
await act(APPS_OF, "the app", () => owner.fetchJson(`userInvitations/${made.id}/visibleApps`), (apps) => apps[0].id === APP_ID);
await act(USERS, "the owner", () => owner.fetchJson("users"), (users) => users.length === 1 && users[0].attributes.username === MEMBER_EMAIL);
await act(APPS, "all", () => owner.fetchJson("apps"), (apps) => apps[0].attributes.bundleId === "com.example.tides");
for (const one of await owner.fetchJson("userInvitations")) await act(CANCEL, one.attributes.email, () => owner.remove(one), (text) => text === "");
await act(CANCEL, "twice", () => owner.remove(made), refused(404, "NOT_FOUND"));
await act(LIST, "none", () => owner.fetchJson("userInvitations"), (rows) => rows.length === 0);
