import os, sys
from clerk_backend_api import Clerk

clerk = Clerk(bearer_auth=os.environ["SECRET_KEY"], server_url="{{base_url}}/v1")

invitation = clerk.organization_invitations.create(
    organization_id="{{organization_id}}",
    inviter_user_id="{{inviter_user_id}}",
    email_address=sys.argv[1],
    role="org:member",
)
print(invitation.status, invitation.url)
