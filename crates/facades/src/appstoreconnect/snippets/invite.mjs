import { createClient, userInvitationsCreateInstance } from "appstore-connect-sdk";

const client = createClient({
  baseUrl: "{{base_url}}",
  issuerId: "{{issuer_id}}",
  privateKeyId: "{{key_id}}",
  privateKey: process.env.PRIVATE_KEY,
});

const email = process.argv[2];
const attributes = { email, firstName: "Grace", lastName: "Okafor", roles: ["DEVELOPER"], allAppsVisible: true };
const { data, error } = await userInvitationsCreateInstance({ client, body: { data: { type: "userInvitations", attributes } } });
if (error) throw new Error(JSON.stringify(error));
console.log(data.data.id);
