import datetime, os, sys
import umapi_client as umapi

# Behind https, umapi.OAuthS2S fetches tokens by itself: give it auth_host="<host of {{base_url}}>" and
# auth_endpoint="<path of {{base_url}}>/ims/token/v2", and leave the next line out.
auth = umapi.OAuthS2S("{{api_key}}", os.environ.get("CLIENT_SECRET", ""))
auth.token, auth.expiry = os.environ["ACCESS_TOKEN"], datetime.datetime.now() + datetime.timedelta(hours=23)

connection = umapi.Connection("{{org_id}}", auth, endpoint="{{base_url}}/v2/usermanagement")
invite = umapi.UserAction(sys.argv[1])
invite.create(sys.argv[1], id_type=umapi.IdentityType.adobeID)
_, _, completed = connection.execute_single(invite, immediate=True)
print("invited" if completed else invite.execution_errors())
sys.exit(0 if completed else 1)
