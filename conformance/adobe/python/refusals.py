"""What umapi-client raises for a refusal."""

from steps import say
from umapi_client.error import RequestError


def fails(endpoint, name, call, status, code=None):
    """`code` is what the body names; None where there is no body."""
    try:
        say(endpoint, name, False, error=f"succeeded: {call()}"[:300])
    except RequestError as error:
        answer = error.result
        told = (answer.status_code, answer.json().get("result") if answer.text else None)
        say(endpoint, name, told == (status, code), told=told)
    except Exception as error:
        say(endpoint, name, False, error=f"{type(error).__name__}: {error}"[:300])
