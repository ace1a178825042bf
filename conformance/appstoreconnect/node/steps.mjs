// One line of JSON for each step of a client.
export const { BASE, ISSUER_ID, KEY_ID, PRIVATE_KEY, READER_KEY_ID, READER_PRIVATE_KEY, MEMBER_EMAIL, APP_ID } = process.env;

export const CREATE = "POST /userInvitations", LIST = "GET /userInvitations", READ = "GET /userInvitations/{id}";
export const CANCEL = "DELETE /userInvitations/{id}", APPS_OF = "GET /userInvitations/{id}/visibleApps";
export const LINKAGES = "GET /userInvitations/{id}/relationships/visibleApps";
export const USERS = "GET /users", USER = "GET /users/{id}", APPS = "GET /apps", APP = "GET /apps/{id}";

/** A new invitation for all apps, with some of it changed. */
export function invitation(email, more = {}, apps) {
  const attributes = { email, firstName: "Ada", lastName: "Lovelace", roles: ["DEVELOPER"], ...more };
  const data = apps && apps.map((id) => ({ type: "apps", id }));
  return { data: { type: "userInvitations", attributes, ...(data && { relationships: { visibleApps: { data } } }) } };
}

export function say(endpoint, step, ok, more = {}) {
  if (!ok) process.exitCode = 1;
  console.log(JSON.stringify({ endpoint, step, ok: Boolean(ok), ...(ok ? {} : more) }));
}

/** `check` looks at what came of the call: its value, or what it threw. */
export async function act(endpoint, step, call, check) {
  let value, error;
  try {
    value = await call();
  } catch (thrown) {
    error = thrown;
  }
  let ok = false;
  try {
    ok = check(value, error);
  } catch (thrown) {
    error ??= thrown;
  }
  say(endpoint, step, ok, { value: JSON.stringify(value?.data ?? value?.error)?.slice(0, 400), error: `${error}`.slice(0, 300) });
  return value;
}
