import { createClerkClient } from "@clerk/backend";

const clerk = createClerkClient({
  apiUrl: "{{base_url}}",
  secretKey: process.env.SECRET_KEY,
});

const invitation = await clerk.organizations.createOrganizationInvitation({
  organizationId: "{{organization_id}}",
  inviterUserId: "{{inviter_user_id}}",
  emailAddress: process.argv[2],
  role: "org:member",
});
console.log(invitation.status, invitation.url);
