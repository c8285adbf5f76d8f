"""What .promptctl.yaml may say, with defaults."""

from promptctl.settings.params import (
    ADDRESS_HINT,
    ALLOWED_PARAMS,
    FORBIDDEN_PARAMS,
    names_address,
    param_problems,
    provider_of,
)
from promptctl.settings.reading import duration, read_settings
from promptctl.settings.tools import TOOL_HINT, refused_in_tool
from promptctl.settings.values import (
    FILE,
    CacheSettings,
    ConfirmSettings,
    GateSettings,
    HookSettings,
    JudgeSettings,
    Price,
    Provider,
    RateLimit,
    ReplaySettings,
    Settings,
)

__all__ = [
    "ADDRESS_HINT",
    "ALLOWED_PARAMS",
    "FILE",
    "FORBIDDEN_PARAMS",
    "TOOL_HINT",
    "CacheSettings",
    "ConfirmSettings",
    "GateSettings",
    "HookSettings",
    "JudgeSettings",
    "Price",
    "Provider",
    "RateLimit",
    "ReplaySettings",
    "Settings",
    "duration",
    "names_address",
    "param_problems",
    "provider_of",
    "read_settings",
    "refused_in_tool",
]
