// appstore-connect-sdk: all that it has about invitations, users and apps.
import * as api from "appstore-connect-sdk";
import { run } from "./generated.mjs";
import { BASE, ISSUER_ID, KEY_ID, PRIVATE_KEY, READER_KEY_ID, READER_PRIVATE_KEY } from "./steps.mjs";

const by = (privateKeyId, privateKey) => api.createClient({ issuerId: ISSUER_ID, privateKeyId, privateKey, baseUrl: BASE });
const clients = { owner: by(KEY_ID, PRIVATE_KEY), reader: by(READER_KEY_ID, READER_PRIVATE_KEY), nobody: by(KEY_ID, READER_PRIVATE_KEY) };

await run(api, (who, operation, options) => operation({ client: clients[who], ...options }), "sdk");
