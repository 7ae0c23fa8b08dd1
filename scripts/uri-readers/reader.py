"""What pydantic's AnyUrl reads in each URI of a JSON list: parts, or null where it refuses."""
import json
import posixpath
import sys
from urllib.parse import unquote

import pydantic


def read(uri):
    try:
        url = pydantic.AnyUrl(uri)
    except pydantic.ValidationError:
        return None
    path = unquote(url.path or "")
    return [url.scheme, unquote(url.host or ""), url.port, posixpath.normpath(path) if path else "", url.query or ""]


print(json.dumps({"version": pydantic.VERSION, "read": [read(uri) for uri in json.load(sys.stdin)]}))
