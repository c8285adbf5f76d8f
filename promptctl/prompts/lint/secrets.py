"""Secrets in text: which kind, and where. The secret itself never leaves this module."""

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

# What detect-secrets has no detector for: the keys of those whom prompts are sent to.
_KEYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Anthropic key", re.compile(r"\bsk-ant-[a-z]{3,6}\d{2}-[\w-]{40,}")),
    ("OpenAI key", re.compile(r"\bsk-(?:proj|svcacct|admin)-[\w-]{40,}|\bsk-[A-Za-z0-9]{48}\b")),
    ("API key", re.compile(r"\bsk-(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}")),
    ("OpenRouter key", re.compile(r"\bsk-or-v1-[0-9a-f]{64}\b")),
    ("Google key", re.compile(r"\bAIza[\w-]{35}(?![\w-])")),
    ("Hugging Face token", re.compile(r"\bhf_[A-Za-z]{34}\b")),
    ("Groq key", re.compile(r"\bgsk_[A-Za-z0-9]{52}\b")),
    ("xAI key", re.compile(r"\bxai-[A-Za-z0-9]{80}\b")),
    ("Replicate token", re.compile(r"\br8_[A-Za-z0-9]{37}\b")),
    ("GitHub token", re.compile(r"\bgithub_pat_\w{60,}")),
)
# detect-secrets' detectors of one form each, and KeywordDetector, of whose findings only values that nobody would make
# up are kept. Those that guess by entropy or address are left out: in prompts most of what they find is none.
_DETECTORS = (
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "CloudantDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "KeywordDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SoftlayerDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
# What every secret begins with or holds. A line without any of these holds nothing that a detector knows; where there
# is none detect-secrets (0.2 s) is not imported. Each begins with fixed letters: then `re` passes over a megabyte in
# milliseconds.
_SIGNS = tuple(
    re.compile(sign)
    for sign in (
        *(
            r"://[^\s/@:]+:[^\s/@]+@",
            r"PRIVATE KEY",
            r"AccountKey=",
            r"eyJ[\w-]{8}",
            r"_authToken",
            r"hooks\.slack\.com",
        ),
        *(r"A3T[A-Z0-9]{13}", r"ABIA[A-Z0-9]{12}", r"ACCA[A-Z0-9]{12}", r"AKIA[A-Z0-9]{12}", r"ASIA[A-Z0-9]{12}"),
        *(r"gh[pousr]_", r"github_pat_", r"gl[a-z]{2,6}-[\w-]{12}", r"npm_\w{12}", r"pypi-\w{12}", r"SG\.[\w-]{12}"),
        *(r"xox[a-z]-", r"sk-[\w-]{16}", r"sk_live", r"rk_live", r"sq0csp-", r"AKC[a-zA-Z0-9]{10}", r"AP[0-9A-F]\w{8}"),
        *(
            r"AC[a-z0-9]{32}",
            r"SK[a-z0-9]{32}",
            r"-us\d{1,2}\b",
            r":[\w-]{35}",
            r"\.[\w-]{6}\.[\w-]{27}",
            r"AIza[\w-]{35}",
        ),
        *(r"hf_\w{30}", r"gsk_\w{20}", r"xai-\w{20}", r"r8_\w{20}"),
    )
)
_WORDS = tuple(
    re.compile(rf"{word}[\"']?\s{{0,3}}[:=]")
    for word in ("key", "password", "passwd", "passphrase", "pass", "secret", "token", "pwd")
) + tuple(re.compile(word) for word in ("softlayer", "cloudant"))
_PLACEHOLDER = re.compile(r"x{6,}|\*{4,}|\.{3}|<[^>]*>|your[_-]|(.)\1{9,}|placeholder", re.IGNORECASE)
_NO_PASSWORD = re.compile(
    r"(?:pass(?:word|wd)?|pwd?|user(?:name)?|secret|changeme|foo|bar)\d*|.*[{<$*[].*", re.IGNORECASE
)
# A value that was made by a machine: letters and digits, both in number, no words.
_MADE = re.compile(r"(?=(?:.*\d){3})(?=(?:.*[A-Za-z]){3})[\w+/=.~!@#$%^&*-]{12,}")
_LONG, _AROUND = 2_000, 500  # characters: of a longer line only what lies around a sign of a secret is looked at


@dataclass(frozen=True, slots=True)
class Secret:
    """A kind of secret at a line and column."""

    kind: str
    line: int
    column: int


def secrets(text: str) -> tuple[Secret, ...]:
    """The secrets of a text, in order; several of one kind in a line are one."""
    likely = _likely(text)
    if not likely:
        return ()
    from detect_secrets.settings import transient_settings  # 0.2 s: only a text that may hold a secret pays it

    found: dict[tuple[int, str], int] = {}
    places: set[tuple[int, int]] = set()
    with transient_settings({"plugins_used": [{"name": name} for name in _DETECTORS]}):
        for number, (line, signs) in likely.items():
            for kind, value in _in_line(line, signs):
                column = line.find(value) + 1
                if column and (number, column) not in places:
                    places.add((number, column))
                    found.setdefault((number, kind), column)
    return tuple(Secret(kind, number, column) for (number, kind), column in found.items())


def _likely(text: str) -> dict[int, tuple[str, list[int]]]:
    """The lines that may hold a secret, by number, each with the offsets of its signs."""
    lower = text.lower()
    signs = [one.start() for pattern in _SIGNS for one in pattern.finditer(text)]
    signs += [one.start() for pattern in _WORDS for one in pattern.finditer(lower)]
    if not signs:
        return {}
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    found: dict[int, tuple[str, list[int]]] = {}
    for sign in sorted(signs):
        number = min(bisect(starts, sign), len(lines))
        found.setdefault(number, (lines[number - 1], []))[1].append(sign - starts[number - 1])
    return found


def _in_line(line: str, signs: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Kind and value of what looks like a secret."""
    for piece in _pieces(line, signs):
        for kind, pattern in _KEYS:
            yield from ((kind, found[0]) for found in pattern.finditer(piece) if not _PLACEHOLDER.search(found[0]))
        yield from _detected(piece)


def _pieces(line: str, signs: Sequence[int]) -> Iterator[str]:
    if len(line) <= _LONG:
        yield line
        return
    end = 0
    for sign in signs:
        if sign >= end:
            end = sign + _AROUND
            yield line[max(0, sign - _AROUND // 5) : end + _AROUND // 5]


def _detected(line: str) -> Iterator[tuple[str, str]]:
    from detect_secrets.core.scan import scan_line

    for found in scan_line(line):
        value = found.secret_value or ""
        if found.type == "Basic Auth Credentials" and _NO_PASSWORD.fullmatch(value):
            continue
        if found.type == "Secret Keyword" and not _MADE.fullmatch(value):
            continue
        if value and not _PLACEHOLDER.search(value):
            yield found.type, value
