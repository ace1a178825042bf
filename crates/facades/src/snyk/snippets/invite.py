import os, sys
from snyk import SnykClient

client = SnykClient(os.environ["TOKEN"], url="{{base_url}}/v1", rest_api_url="{{base_url}}/rest")

organization = client.organizations.get("{{org_id}}")
print(organization.invite(sys.argv[1], admin=False))
