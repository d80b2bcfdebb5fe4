"""Reads an event stream with the standard library alone, and comes back with the last id.

python3 stream.py BASE TOPIC AFTER PADDING [HEADER...], and prints what it is told, as the scripts of ../node do (told.mjs).
"""

import http.client
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

base, topic, after, padding, *lines = sys.argv[1:]
query = {"topic": topic}
if after:
    query["after"] = after
if padding != "0":
    query["padding"] = padding
url = base + "api/stream?" + urllib.parse.urlencode(query)
headers = dict(line.split(": ", 1) for line in lines)
last_id = ""
retry = 3.0


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def read(stream):
    global last_id, retry
    event, own_id, data = "message", None, []
    for line in stream:
        field, _, value = line.decode("utf-8").rstrip("\r\n").partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            event = value
        elif field == "id":
            own_id = value
        elif field == "data":
            data.append(value)
        elif field == "retry":
            retry = int(value) / 1000
        elif not line.strip():
            if own_id is not None:
                last_id = own_id
            if data:
                tell(event, id=own_id or "", data="\n".join(data))
            event, own_id, data = "message", None, []


while True:
    request = urllib.request.Request(url, headers=headers)
    if last_id:
        request.add_header("Last-Event-ID", last_id)
    try:
        # The server is never silent for longer than its heartbeat, 15 s by default.
        with urllib.request.urlopen(request, timeout=45) as stream:
            read(stream)
    except urllib.error.HTTPError as refused:
        if refused.code in (401, 403):
            tell("refused", status=refused.code)
            sys.exit(1)
    except (OSError, ValueError, http.client.HTTPException) as trouble:
        print(trouble, file=sys.stderr)
    time.sleep(retry)
