"""For clients in Python: one line of JSON for each step, and at the end whether one has failed."""

import json
import logging
import sys

# clients tell what they retry and what they are refused; what a step came to is told here
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


def fails(endpoint, name, call, check):
    """`check` looks at what was raised."""
    try:
        say(endpoint, name, False, error=f"succeeded: {call()}"[:300])
    except Exception as error:
        say(endpoint, name, check(error), error=f"{type(error).__name__}: {error}"[:300])


def end():
    sys.exit(1 if failed else 0)
