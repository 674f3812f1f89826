"""Which names promise a secret: `api_key` and `dbPassword` do, `max_tokens` and `primary_key` do not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class SecretKey(NamedTuple):
    """What a name says of its value.

    Attributes:
        kind: what is hidden.
        weak: the name has harmless uses too (`session=london`), so the value must look like a secret.
    """

    kind: str
    weak: bool = False


_SEGMENT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# A name may end in one of these and still mean the secret itself: `API_KEY_LIVE`, `password_new`, `token2`.
_QUALIFIERS = frozenset(
    "value val raw plain plaintext b base hex encoded hash sha md old new current previous next prod production "
    "live staging dev testnet mainnet primary secondary backup default".split()
)

_STRONG = {
    **dict.fromkeys("password passwords passwd passwort passphrase passcode userpass".split(), "password"),
    **dict.fromkeys("secret secrets".split(), "secret"),
    **dict.fromkeys("apikey apikeys".split(), "api-key"),
    **dict.fromkeys("csrf xsrf csrftoken xsrftoken csrfmiddlewaretoken".split(), "token"),
    **dict.fromkeys("jsessionid phpsessid sessid".split(), "session"),
    **dict.fromkeys("authorization".split(), "auth"),
    **dict.fromkeys("mnemonic".split(), "seed-phrase"),
    # Which look like what they are: a `pin` with two digits is one of a plug.
    **dict.fromkeys("pin pincode".split(), "pin"),
    **dict.fromkeys("otp totp otpcode".split(), "otp"),
}
_WEAK = {
    **dict.fromkeys("auth".split(), "auth"),
    **dict.fromkeys("session sessionid".split(), "session"),
    **dict.fromkeys("cookie cookies".split(), "cookie"),
    **dict.fromkeys("credential credentials cred creds".split(), "credentials"),
    **dict.fromkeys("bearer jwt".split(), "bearer"),
}
# Names written as one word: `PGPASSWORD`, `clientsecret`, `sharedaccesskey`.
_FUSED = (
    ("password", "password"),
    ("passwd", "password"),
    ("passphrase", "password"),
    ("secret", "secret"),
    ("apikey", "api-key"),
    ("secretkey", "secret"),
    ("privatekey", "private-key"),
    ("privkey", "private-key"),
    ("accesskey", "api-key"),
    ("authkey", "api-key"),
    ("accountkey", "api-key"),
    ("token", "token"),
)
_KEY_OF = frozenset(
    "api access secret private priv signing sign signature encryption encrypt decryption crypto cipher auth "
    "authentication authorization master service account ssh deploy hmac aes rsa pgp gpg session app application "
    "client consumer admin bot license licence webhook shared subscription wallet instrumentation ingest ingestion "
    "write listen bearer security ssl tls jwt root server".split()
)
# Tokens that are words, pages or coins.
_TOKEN_OF = frozenset(
    "max min num n total count prompt completion input output per next prev page continuation cancellation cancel "
    "pad eos bos unk mask sep cls special stop base quote in out from to native reward pool lp gas fee underlying "
    "unexpected syntax".split()
)
_ORDER_ID = (
    ("order", "id"),
    ("order", "ids"),
    ("link", "id"),
    ("link", "ids"),
    ("ord", "id"),
    ("ord", "ids"),
)
_ORDER_FUSED = ("orderid", "orderids", "orderlinkid", "orderlinkids", "ordid", "clordid")
# `MM_ALLOW_MISSING_SECRETS=maybe`, and the name of a rule of the scan.
_NO_VALUE = frozenset({"missing", "configured"})
_PAIRS = {
    ("secret", "id"): "secret",
    ("session", "id"): "session",
    ("session", "ids"): "session",
    ("sess", "id"): "session",
    ("auth", "code"): "auth",
    ("authorization", "code"): "auth",
    ("seed", "phrase"): "seed-phrase",
    ("recovery", "phrase"): "seed-phrase",
    ("mnemonic", "phrase"): "seed-phrase",
    ("pass", "phrase"): "password",
    ("pass", "word"): "password",
    **dict.fromkeys((("otp", "code"), ("totp", "code")), "otp"),
    ("pin", "code"): "pin",
}


def segments(name: str) -> list[str]:
    """The words of a name, in lower case: `X-API-Key`, `xApiKey` and `x_api_key` all give x, api, key."""
    return [word.lower() for word in _SEGMENT.findall(name)]


@lru_cache(maxsize=4096)
def classify(name: str) -> SecretKey | None:
    """What the name of a setting, field, header, flag or variable says of its value; None for a harmless one."""
    words = segments(name)
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _QUALIFIERS):
        words.pop()
    if not words:
        return None
    if words[-3:] == ["access", "key", "id"]:
        return SecretKey("api-key")
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if before in _NO_VALUE and last in {"secret", "secrets"}:
        return None
    if (before, last) in _ORDER_ID:
        return SecretKey("order-id") if before != "link" or "order" in words else None
    if last in _ORDER_FUSED:
        return SecretKey("order-id")
    return _pair(before, last) or _single(before, last)


def _pair(before: str, last: str) -> SecretKey | None:
    if (before, last) in _PAIRS:
        return SecretKey(_PAIRS[before, last], weak=(before, last) == ("session", "id"))
    if (before, last) == ("key", "id"):
        return None
    if last in {"key", "keys"} and before in _KEY_OF:
        return SecretKey({"private": "private-key", "priv": "private-key", "secret": "secret"}.get(before, "api-key"))
    if last in {"token", "tokens"} and before:
        plural_of = {"access", "refresh", "auth", "api", "bearer", "bot"}
        if before in _TOKEN_OF or (last == "tokens" and before not in plural_of):
            return None
        return SecretKey("token")
    return None


def _single(before: str, last: str) -> SecretKey | None:
    if last == "token":
        return None if before else SecretKey("token", weak=True)
    if last in {"pass", "pwd", "pw"}:  # alone they are a test's result, a directory and a width
        return SecretKey("password", weak=not before)
    if last in _STRONG:
        return SecretKey(_STRONG[last])
    if last in _WEAK:
        return SecretKey(_WEAK[last], weak=True)
    for ending, kind in _FUSED:
        if last.endswith(ending):
            return None if ending == "token" and last[: -len(ending)] in _TOKEN_OF else SecretKey(kind)
    return None
