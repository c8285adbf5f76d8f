"""What a tool from strangers may not say: where a server is, who one is there, and what is sent beside."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

TOOL_HINT = "A tool is described, not reached: prompts cannot name servers, credentials or headers."

# A tool of such a type is a server of somebody's, whatever else it says.
_SERVERS = frozenset({"mcp"})
_WORDS = """
url uri endpoint endpoints server server_url server_uri base_url api_base api_url webhook webhook_url callback callbacks
headers extra_headers header auth authorization authorization_token authentication api_auth api_key apikey key_env
token access_token credential credentials password secret connector_id external_api proxy client
"""
_REFUSED = frozenset(word.replace("_", "") for word in _WORDS.split())
# What stands below describes values that the model writes; there any name is free.
_SCHEMAS = frozenset({"parameters", "input_schema", "schema", "parameters_json_schema", "json_schema", "format"})


def refused_in_tool(tool: Mapping[str, Any]) -> tuple[str, ...]:
    """The dotted keys of a tool that it may not have; `type` where the tool itself is a server."""
    whole = ("type",) if str(tool.get("type", "")).lower() in _SERVERS else ()
    return (*whole, *_refused(tool, ()))


def _refused(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _refused(item, (*path, str(index)))
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        name = str(key)
        if re.sub(r"[^a-z]", "", name.lower()) in _REFUSED:
            yield ".".join((*path, name))
        elif name not in _SCHEMAS:
            yield from _refused(item, (*path, name))
