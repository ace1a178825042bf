"""One line of JSON for each step of a client, and at the end whether one has failed."""

import json
import logging
import sys

from umapi_client.error import RequestError

# the client tells what it retries; what a step came to is told here
logging.disable(logging.CRITICAL)
failed = False


def say(endpoint, name, ok, **more):
    global failed
    failed |= not ok
    print(json.dumps({"endpoint": endpoint, "step": name, "ok": bool(ok), **({} if ok else more)}, default=str))


def step(endpoint, name, call, check=lambda value: True):
    try:
        value = call()
    except Exception as error:
        return say(endpoint, name, False, error=f"{type(error).__name__}: {error}"[:300])
    say(endpoint, name, check(value), value=str(getattr(value, "text", value))[:400])
    return value


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


def end():
    sys.exit(1 if failed else 0)
