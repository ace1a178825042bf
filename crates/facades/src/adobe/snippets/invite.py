import datetime, os, sys
import umapi_client as umapi

auth = umapi.OAuthS2S("{{api_key}}", os.environ.get("CLIENT_SECRET", ""))
# A token for a day. Over https the client fetches its own: then leave these two lines out,
# and give OAuthS2S our host as auth_host and the path of /ims/token/v2 as auth_endpoint.
auth.token = os.environ["ACCESS_TOKEN"]
auth.expiry = datetime.datetime.now() + datetime.timedelta(hours=23)

connection = umapi.Connection(
    "{{org_id}}", auth, endpoint="{{base_url}}/v2/usermanagement"
)
invite = umapi.UserAction(sys.argv[1])
invite.create(sys.argv[1], id_type=umapi.IdentityType.adobeID)
_, _, completed = connection.execute_single(invite, immediate=True)
print("invited" if completed else invite.execution_errors())
sys.exit(0 if completed else 1)
