"""Lines as services write them, with nothing to hide: each must stay as it is."""

from __future__ import annotations

import pytest

from soakctl.redact import Redactor

LINES = """
2025-11-21 02:03:04,123 INFO  engine  Risk Manager starting...
2025-11-21T02:03:04.123456Z INFO event received: fill symbol=BTCUSDT price=91234.50 qty=0.0125 side=Buy
Config loaded: 12 rules
SDK connected: acct-main
Order placed side=Buy price=42.10 qty=3 status=PartiallyFilled
order 9f86d081-884c-4d65-9a2f-eaa0c55ad015 rejected
request 550e8400-e29b-41d4-a716-446655440000 took 12.5ms
commit 3f9a1c7e5b2d80463f9a1c7e5b2d80463f9a1c7e deployed
sha256:3f9a1c7e5b2d80463f9a1c7e5b2d80463f9a1c7e5b2d80463f9a1c7e5b2d8046 pulled
max_tokens=4096 token_count=17 tokens_per_second=88.1
prompt_tokens=12 completion_tokens=340 total_tokens=352
usage: {'input_tokens': 12, 'output_tokens': 7}
keyboard=us monkey=1 author=bob secretary=alice
primary_key=id foreign_key=user_id sort_key=ts public_key=ssh-ed25519
cache_key=user:42:profile hits=3
key=value pairs: a=1 b=2
KeyError: 'price'
password: null
password=None secret=null token=""
{"password": null, "token": "", "apiKey": "${API_KEY}"}
DB_PASSWORD=${DB_PASSWORD} API_KEY=$API_KEY
password={{ vault_password }}
Authorization: Bearer <token>
Authorization: Bearer ${TOKEN}
api_key=**** secret=********
password=[REDACTED:password]
token=<your token here>
--token TOKEN --password PASSWORD
usage: app [-h] [--api-key KEY] [--password PASSWORD]
passwordless login enabled
password authentication failed for user "app"
FATAL:  password authentication failed for user "postgres"
Invalid password: must be at least 8 characters
password reset requested, password_min_length=8
token expired, refreshing
Token: expired at 12:00
SyntaxError: Unexpected token } in JSON at position 12
Unexpected token: '}'
token=USDT base_token=ETH quote_token=USDC
auth: ok
auth=basic mode=strict
session=london volume=3.2M
Session: 3 opened
Missing secrets: BYBIT_API_KEY, BYBIT_API_SECRET
secret "my-tls" not found in namespace default
secretName: my-tls-cert
MountVolume.SetUp failed for volume "creds" : secret "db-creds" not found
private_key=/etc/ssl/private/server.key
password_file=/run/secrets/db_password
POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password
token_type=bearer expires_in=3600
Bearer authentication required
WWW-Authenticate: Bearer realm="api"
Basic authentication failed for user bob
PASS: test_engine (0.12s) pass=12 fail=0
pass: 5 fail: 2
passed=11 failed=0 compass=N
bypass=true passive=1 passenger=3
PWD=/home/app OLDPWD=/root
PASS
listening on 0.0.0.0:8000
Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)
INFO:     127.0.0.1:54321 - "GET /health HTTP/1.1" 200 OK
10.0.3.7 - - [21/Nov/2025:02:03:04 +0000] "GET /metrics HTTP/1.1" 200 512 "-" "curl/7.88.1"
172.17.0.1 - - "GET / HTTP/1.1" 200 "Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"
upgraded to version 1.2.3.4
foo==1.2.3.4 installed, bar-1.2.3.4.tar.gz cached
nginx/1.25.3.1 v8.4.2.1 driver 535.104.5.12
connect to 192.168.1.20:6379 and 169.254.169.254 and ::1 and fe80::1
std::collections::HashMap panicked at src/main.rs:10:5
OID 1.3.6.1.4.1.311 seen
12:34:56:789 aa:bb:cc:dd:ee:ff up
listening on [::]:8080, peer [fd00::12]:443
git@github.com:org/repo.git cloned
ssh://git@github.com/org/repo
npm i react@18.2.0 lodash@4.17.21 icon@2x.png
btcusdt@kline_1m btcusdt@depth20@100ms subscribed
Started getty@tty1.service
@app.route("/x") decorated by @decorator
postgres://localhost:5432/db?sslmode=disable
redis://localhost:6379/0
postgres://app:${DB_PASSWORD}@db/x
http://localhost:9090/metrics?x=a@b
  File "/app/client.py", line 42, in connect
    client = Client(api_key=api_key, secret=self.api_secret, token=get_token())
    password = os.environ["DB_PASSWORD"]
    token: str = Field(default=None)
    def __init__(self, token: str, password: Optional[str] = None):
    return connect(user, password=password, token=access_token)
    token = tokens[idx] or token[1:] or token[:-1]
    session = Session.from_config(config)
    secret = load_secret(path, key=key)
    conn = f(password=kwargs["password"], api_key=settings.API_KEY)
UPDATE users SET password = $1, token = :token, x = ? WHERE id = 5
<?php $db = connect(password: $password);
TypeError: __init__() missing 1 required positional argument: 'api_key'
ValueError: api_key must be set
ModuleNotFoundError: No module named 'secrets_manager'
-----BEGIN CERTIFICATE-----
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI user@host
NAME READY STATUS   task-sk-learn-worker-model-trainer 1/1
etag: "5d8c72a5edda8d6a:0"
latency p50=12.1 p95=222.0 p99=340.2 ms
rss=123456789 fds=42 threads=8
risk 0.30 net 4.75 bps maker/taker 0.74
disk /dev/sda1 81% used
cookies: disabled
credentials: loaded from file
credentials=/app/creds.json
aws:arn:aws:secretsmanager:eu-west-1:123456789012:secret:db
secret=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db
order_id: must be unique
orderId=null orderLinkId=""
docker run -u 1000:1000 image
100.64.0.1 203.0.113.7 198.51.100.2 192.0.2.1 224.0.0.1 255.255.255.0
signature_stuck=1 function signature: foo(a, b)
HTTP 403 {"code": 10003, "msg": "API key is invalid."}
{"retCode":0,"retMsg":"OK","result":{"list":[]},"time":1763690584123}
Traceback (most recent call last):
{Host:db Password: Database:x}
user_id=5 exec_id=1 trade_id=2 did=3 build_id=77
app version is 1.2.3.4, update V8 to 8.3.110.9
python3-jwt:all 2.6.0-1 installed
'Pod::Simple::PullParserToken' => '3.14'
<a accesskey="h" href="index.html">
mysql -h db -P 3306 -p trades
SyntaxError: unexpected token: identifier
curl -u "$USER:$PASS" https://x.example
mysql -u root -p$PW trades
--- secrets: artifacts/validate/logs/secrets.20261121T161745Z.log
secrets: /work/x/artifacts/validate/logs/secrets.20261121T161745Z-2.log
MM_ALLOW_MISSING_SECRETS='maybe' is neither 1 nor 0
a.py:1: configured-secret:SK
fields = ('password1', 'password2')
def read(self, name, pwd=None): def g(self, password: bytes):
('http', 'joe', 'password', 'proxy.example.com:3128')
$this->token->getValue() ctx->auth_token->next2
border #1234567 call-sign: ABC12345
order #1 of the day, order id required, caused by 'x'
MAKEFLAGS= --jobserver-auth=3,4 -j
pw=640 ph=480 pw=12.5ms pwm=1200
gpio pin=13 mode=out, PIN: 3 high, pin: GPIO4 pin_count=1234
Erlang/OTP 26, otp: 26.2.1 otp=enabled otp: required
mapping: 1234 spin=1234 shipping: 20251121
{"token_type":"bearer","expires_in":3600} bearer: required
{"secret":{"value":null}} {"token":{"value":"${TOKEN}"}}
docker run -p8080:80 mysql
/usr/local/perl-5.6.78.9/bin
token: [MASKED] GITHUB_TOKEN: ***
✅ Config loaded: 12 rules 🚀
""".strip("\n").split("\n")


@pytest.mark.parametrize("line", LINES)
def test_stays(line: str) -> None:
    """An ordinary line is not touched."""
    assert Redactor().text(line) == line


def test_the_block_of_all_stays() -> None:
    """A block of ordinary lines comes back as the same object."""
    block = "\n".join(LINES)
    assert Redactor().text(block) is block
