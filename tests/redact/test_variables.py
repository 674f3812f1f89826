"""Which variables of an environment hold a secret that nobody listed."""

from __future__ import annotations

from soakctl.redact.variables import promised_secrets


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
