// @rage-against-the-pixel/app-store-connect-api: the same operations; the address is given with each call. All
// clients of one process share their connection, so there is one, which is given another key before each call.
import { AppStoreConnectClient } from "@rage-against-the-pixel/app-store-connect-api";
import { run } from "./generated.mjs";
import { BASE, ISSUER_ID, KEY_ID, PRIVATE_KEY, READER_KEY_ID, READER_PRIVATE_KEY } from "./steps.mjs";

const options = (privateKeyId, privateKey) => ({ issuerId: ISSUER_ID, privateKeyId, privateKey });
const client = new AppStoreConnectClient(options(KEY_ID, PRIVATE_KEY));
const keys = { owner: options(KEY_ID, PRIVATE_KEY), reader: options(READER_KEY_ID, READER_PRIVATE_KEY), nobody: options(KEY_ID, READER_PRIVATE_KEY) };

// operations stand in a class for each kind of resource
const { UserInvitations, Users, Apps } = client.api;
const operations = [UserInvitations, Users, Apps].flatMap((kind) => Object.getOwnPropertyNames(kind).map((name) => [name, kind[name]]));

await run(Object.fromEntries(operations), (who, operation, more) => {
  client.appStoreConnectOptions = keys[who];
  client.bearerToken = null;
  return operation({ baseUrl: BASE, ...more });
}, "ratp");
