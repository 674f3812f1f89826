"""Which variables of an environment hold a secret that nobody listed."""

from __future__ import annotations

from soakctl.redact.variables import may_be_secret, promised_secrets


def test_names_decide_and_ordinary_values_stay() -> None:
    """What no log could do without is no secret, whatever its variable is called."""
    secrets = {"MYAPP_API_KEY": "abcQx93kfLmm", "DB_PASSWORD": "swordfish", "AWS_SECRET_ACCESS_KEY": "aK/9+x" * 6}
    ordinary = {
        "POSTGRES_PASSWORD": "postgres",
        "REDIS_PASSWORD": "",
        "APP_TOKEN": "123456",
        "API_KEY": "dummy",
        "PIN_SECRET": "1234",
        "TLS_KEY_FILE": "/run/secrets/tls",
        "PATH": "/usr/bin",
        "XDG_SESSION_ID": "3",
        "MM_ALLOW_MISSING_SECRETS": "1",
        "API_TOKEN": "${VAULT_TOKEN}",
        "HOME": "/home/app",
    }
    assert promised_secrets({**ordinary, **secrets}) == secrets


def test_what_may_be_shown_is_told_by_every_word_of_a_name() -> None:
    """A value that nobody sees costs less than a secret that somebody does."""
    doubtful = "APP_PW MYAPP_PRIV MYAPP_PIN MYAPP_SALT MYAPP_SIGNING MYAPP_WEBHOOK appOtp WALLET_SEED_WORDS APP_KEY"
    ordinary = "APP_MODE FEATURE_SIGNUP SHIPPING_ZONE PATH PYTHONHASHSEED LC_ALL MAX_TOKENS SESSION_TIMEOUT"
    assert [name for name in doubtful.split() if not may_be_secret(name)] == []
    assert [name for name in ordinary.split() if may_be_secret(name)] == []
