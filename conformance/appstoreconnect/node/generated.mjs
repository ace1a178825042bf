// The steps of both clients that are generated from Apple's document. `by` makes a client; `call` calls one of its functions
// with it, and `api` has those by the names of Apple's operations.
import { APP, APPS, APPS_OF, APP_ID, CANCEL, CREATE, LINKAGES, LIST, MEMBER_EMAIL, READ, USER, USERS, act, invitation, say } from "./steps.mjs";

const ok = (answer) => answer.response.status === 200;
const refused = (status, code, at) => ({ response, error }) => {
  const [first] = error.errors;
  return response.status === status && first.status === String(status) && first.code.startsWith(code)
    && (at === undefined || Object.values(first.source)[0] === at);
};

export async function run(api, call, prefix) {
  const owner = (name, options) => call("owner", api[name], options);
  const create = (body, who = "owner") => call(who, api.userInvitationsCreateInstance, { body });
  const list = (query, who = "owner") => call(who, api.userInvitationsGetCollection, { query });
  const email = (name) => `${prefix}-${name}@example.com`;

  const made = await act(CREATE, "for an app", () => create(invitation(email("one"), { roles: ["DEVELOPER", "MARKETING"], allAppsVisible: false, provisioningAllowed: true }, [APP_ID])),
    ({ response, data }) => response.status === 201 && response.headers.get("location") === data.data.links.self);
  const { id, attributes } = made.data.data;
  say(CREATE, "as it was asked for", attributes.email === email("one") && attributes.roles.join() === "DEVELOPER,MARKETING" && attributes.allAppsVisible === false
    && attributes.provisioningAllowed === true && attributes.firstName === "Ada" && attributes.lastName === "Lovelace", { attributes });
  const days = (Date.parse(attributes.expirationDate) - Date.now()) / 864e5;
  say(CREATE, "for three days", days > 2.9 && days < 3.1, { days });
  await act(CREATE, "for all apps", () => create(invitation(email("two"), { lastName: "Zhou", roles: ["SALES"], allAppsVisible: null, provisioningAllowed: null })),
    ({ response, data }) => response.status === 201 && data.data.attributes.allAppsVisible === true);
  for (const [step, body, code, at] of [
    ["twice", invitation(email("one")), "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE", "/data/attributes/email"],
    ["a member already", invitation(MEMBER_EMAIL), "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE", "/data/attributes/email"],
    ["no first name", invitation(email("x"), { firstName: undefined }), "ENTITY_ERROR.ATTRIBUTE.REQUIRED", "/data/attributes/firstName"],
    ["no roles", invitation(email("x"), { roles: [] }), "ENTITY_ERROR.ATTRIBUTE.REQUIRED", "/data/attributes/roles"],
    ["a role of former days", invitation(email("x"), { roles: ["TECHNICAL"] }), "ENTITY_ERROR.ATTRIBUTE.TYPE", "/data/attributes/roles/0"],
    ["no address", invitation("nobody"), "ENTITY_ERROR.ATTRIBUTE.INVALID", "/data/attributes/email"],
    ["more than there is", invitation(email("x"), { nickname: "A" }), "ENTITY_ERROR.ATTRIBUTE.UNKNOWN", "/data/attributes/nickname"],
    ["an unknown app", invitation(email("x"), {}, ["1"]), "ENTITY_ERROR.RELATIONSHIP.INVALID", "/data/relationships/visibleApps"],
  ]) await act(CREATE, step, () => create(body), refused(409, code, at));
  await act(CREATE, "without the permission", () => create(invitation(email("x")), "reader"), refused(403, "FORBIDDEN"));
  await act(CREATE, "a wrong key", () => create(invitation(email("x")), "nobody"), refused(401, "NOT_AUTHORIZED"));

  const emails = (answer) => answer.data.data.map((one) => one.attributes.email).join();
  const both = [email("one"), email("two")].join();
  for (const [step, query, wanted] of [
    ["all", {}, both],
    ["by address", { "filter[email]": [email("two"), "nobody@example.com"] }, email("two")],
    ["by role", { "filter[roles]": ["MARKETING", "ADMIN"] }, email("one")],
    ["by app", { "filter[visibleApps]": [APP_ID] }, email("one")],
    ["by address, downwards", { sort: ["-email"] }, [email("two"), email("one")].join()],
    ["by last name and address", { sort: ["-lastName", "email"] }, [email("two"), email("one")].join()],
  ]) await act(LIST, step, () => list(query), (answer) => ok(answer) && emails(answer) === wanted);
  await act(LIST, "with apps and some fields", () => list({ "filter[email]": [email("one")], include: ["visibleApps"], "fields[userInvitations]": ["email", "visibleApps"],
    "fields[apps]": ["name"], limit: 200, "limit[visibleApps]": 50 }),
  ({ data }) => Object.keys(data.data[0].attributes).join() === "email" && data.data[0].relationships.visibleApps.data[0].id === APP_ID
    && data.included[0].attributes.name === "Tides" && data.meta.paging.limit === 200 && data.meta.paging.total === 1);
  for (const [step, query, at] of [["a limit of 500", { limit: 500 }, "limit"], ["an unknown field", { "fields[apps]": ["x"] }, "fields[apps]"],
    ["an unknown order", { sort: ["firstName"] }, "sort"], ["an unknown role", { "filter[roles]": ["READ_ONLY"] }, "filter[roles]"]]) {
    await act(LIST, step, () => list(query), refused(400, "PARAMETER_ERROR", at));
  }
  await act(LIST, "with the permission to look", () => list({}, "reader"), ok);

  for (let number = 0; number < 5; number++) await create(invitation(email(`page${number}`)));
  let query = { limit: 3, sort: ["email"] }, seen = [], pages = 0;
  while (query) {
    const page = await act(LIST, `page ${++pages}`, () => list(query), ok);
    seen.push(...page.data.data.map((one) => one.id));
    const cursor = page.data.links.next && new URL(page.data.links.next).searchParams.get("cursor");
    say(LIST, `page ${pages} and the next agree`, cursor == page.data.meta.paging.nextCursor, { cursor });
    query = cursor && { ...query, cursor };
  }
  say(LIST, "all of them", pages === 3 && seen.length === 7 && new Set(seen).size === 7, { pages, seen });

  await act(READ, "with its apps", () => owner("userInvitationsGetInstance", { path: { id }, query: { include: ["visibleApps"] } }),
    ({ data }) => data.data.attributes.email === email("one") && data.included[0].id === APP_ID);
  await act(APPS_OF, "the app", () => owner("userInvitationsVisibleAppsGetToManyRelated", { path: { id }, query: { limit: 10, "fields[apps]": ["bundleId"] } }),
    ({ data }) => data.data[0].type === "apps" && data.data[0].attributes.bundleId === "com.example.tides");
  await act(LINKAGES, "the app", () => owner("userInvitationsVisibleAppsGetToManyRelationship", { path: { id } }),
    ({ data }) => JSON.stringify(data.data) === JSON.stringify([{ id: APP_ID, type: "apps" }]) || JSON.stringify(data.data) === JSON.stringify([{ type: "apps", id: APP_ID }]));
  await act(CANCEL, "without the permission", () => call("reader", api.userInvitationsDeleteInstance, { path: { id } }), refused(403, "FORBIDDEN"));
  for (const one of seen) await act(CANCEL, one === id ? "the first" : "another", () => owner("userInvitationsDeleteInstance", { path: { id: one } }), ({ response }) => response.status === 204);
  for (const [endpoint, name] of [[READ, "userInvitationsGetInstance"], [CANCEL, "userInvitationsDeleteInstance"], [APPS_OF, "userInvitationsVisibleAppsGetToManyRelated"],
    [LINKAGES, "userInvitationsVisibleAppsGetToManyRelationship"]]) {
    await act(endpoint, "once it is cancelled", () => owner(name, { path: { id } }), refused(404, "NOT_FOUND"));
  }

  const users = await act(USERS, "the owner", () => owner("usersGetCollection", { query: { "filter[username]": [MEMBER_EMAIL], "filter[roles]": ["ACCOUNT_HOLDER"], sort: ["lastName"], limit: 10 } }),
    ({ data }) => data.data.length === 1 && data.data[0].attributes.username === MEMBER_EMAIL);
  const user = users.data.data[0].id;
  await act(USER, "the owner", () => owner("usersGetInstance", { path: { id: user } }), ({ data }) => data.data.id === user);
  await act(USER, "nobody", () => owner("usersGetInstance", { path: { id: "x" } }), refused(404, "NOT_FOUND"));
  await act(APPS, "by bundle id", () => owner("appsGetCollection", { query: { "filter[bundleId]": ["com.example.tides"], "fields[apps]": ["name", "bundleId"] } }),
    ({ data }) => data.data[0].id === APP_ID && data.data[0].attributes.name === "Tides");
  await act(APP, "the app", () => owner("appsGetInstance", { path: { id: APP_ID } }), ({ data }) => data.data.attributes.bundleId === "com.example.tides");
}
