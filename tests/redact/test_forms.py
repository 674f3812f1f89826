"""Lines in the forms that programs of all kinds log: what must go goes, what is ordinary stays."""

from __future__ import annotations

import pytest

from soakctl.redact import Redactor

RANDOM = "xQ9mL2kV8tR1wZ7pN3cY6bH5"
HEX = "3f9a1c7e5b2d8046" * 4
LOWER = "3ax6xnjp29jd6fds4gc373sgvjxteol0"

# Each line, and a part of it that must not be shown; {R}, {L} and {X} stand for random letters and digits.
HIDDEN = r"""
password is hunter2|hunter2
the password is: hunter2|hunter2
your password is "correct-horse-9"|correct-horse-9
new password set to hunter2|hunter2
user bob authenticated with password hunter2|hunter2
seed phrase is witch collapse practice feed shame open despair creek road again ice least|witch collapse
api key is {R}|{R}
wallet private key 0x{X}|{X}
signer privkey={X}|{X}
otp secret JBSWY3DPEHPK3PXP enrolled|JBSWY3DPEHPK3PXP
token M{R}.Cl2FMQ.Zn{R}x is stale|Cl2FMQ
discord login M{R}.Cl2FMQ.Zn{R}x|Cl2FMQ
mailgun client init with key-{L}|{L}
jdbc:oracle:thin:scott/tig3rPw@db:1521:XE|tig3rPw
X-BAPI-API-KEY: {R} X-BAPI-SIGN: {X} X-BAPI-TIMESTAMP: 1672304486868|{X}
OK-ACCESS-SIGN: 7L+zFQ+CEgGu5rzCj4+BdV2/uUHGqddA9pI6ztsRRPs=|7L+zFQ
{{"API-Sign": "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8"}}|ZCVEwSn
GET /cb?code=4/P7q7W91a-oMsCeLvIaQm6bTrgtp7&state=xyz|P7q7W91a
HostName=h.azure-devices.net;DeviceId=d1;SharedAccessKey={R}=|{R}
f?sv=2022-11-02&sp=r&sig={R}%3D|{R}
//registry.example.com/:_authToken={R}|{R}
Server=tcp:db.example.net,1433;User ID=sa;Password=Str0ng!Pass;Encrypt=True;|Str0ng!Pass
host=db port=5432 user=app password=lib-pqPw dbname=prod|lib-pqPw
mssql+pyodbc://sa:Str0ng!Pass@sql1:1433/db|Str0ng!Pass
redis://:r3d1sPw@cache:6379/0|r3d1sPw
LoginModule required username="k" password="k4fkaPw";|k4fkaPw
argv: ["bot","--token","{R}"]|{R}
helm install x --set db.password=hunter2,db.user=a|hunter2
kubectl create secret generic s --from-literal=password=hunter2|hunter2
ccxt.binance({{'apiKey': '{R}', 'secret': 'NhqPtmdSJYdKjVHjA7PZj4'}})|NhqPtmdSJYdK
OK-ACCESS-PASSPHRASE: myPhrase77|myPhrase77
{{"op":"auth","args":["{R}",1662350400000,"{X}"]}}|{X}
Settings(db_password=SecretStr('hunter2'))|hunter2
map[password:hunter2 user:bob]|hunter2
<add key="ApiKey" value="{R}" />|{R}
access_token%3D{R}%26x%3D1|{R}
ValueError: invalid credentials: user=bob, password=hunter2|hunter2
""".strip().split("\n")

STAYS = r"""
request id 550e8400-e29b-41d4-a716-446655440000 done
commit 3f786850e387550fdab836ed7e6dc881de23001b
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
etag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
BTCUSDT 90123.45/90123.50 spread 0.05
nginx/1.25.3.1 started
Python 3.11.7 on linux
connected to 192.168.1.10:5432
bind 0.0.0.0:443
link-local fe80::1%eth0
2025-11-21T02:03:04.567Z INFO start
[21/Nov/2025:02:03:04 +0000] "GET /health HTTP/1.1" 200 2
token count: 512
tokens used 812
tokens used: 812
total_tokens=1534 prompt_tokens=1200
max_tokens: 4096
num_tokens=55
token bucket refilled, 50 tokens
token: expired
token is invalid
token is expired
unexpected token < in JSON at position 0
unexpected token: ','
password=null
"password": ""
secret: null
secret: none
api_key=None
API key missing
api_key=<your-token>
Authorization: Bearer <your-token>
token=<token>
token=${TOKEN}
password=${DB_PASSWORD}
password: {{ db_password }}
password=%(password)s
password: "***"
password=****
password=[REDACTED]
api_key=YOUR_API_KEY
password is required
password is incorrect
password is not set
password is too short
password is wrong
password is expired
password was changed
password is stored in vault
password is hashed with bcrypt
password is base64-encoded
password is 12 characters long
password must be at least 8 characters
password changed successfully
password reset email sent
FATAL: password authentication failed for user "postgres"
Access denied for user 'root'@'localhost' (using password: YES)
using password authentication
with password policy strict
secret is missing
secret not found: db-creds
secret rotated
token is valid for 3600 s
token is 64-bit
token refresh in 30s
token valid until 2025-11-21T02:03:04Z
token lifetime 3600
token_ttl=3600
token_expires_in=3600
session started
session_duration_s=120
cookies: enabled
auth method: password
Authorization header missing
basic auth enabled
bearer token required
WWW-Authenticate: Basic realm="Restricted"
key: BTCUSDT
KeyError: 'symbol'
redis key orders:open:BTCUSDT
partition key 17
keyboard interrupt received
PASS: test_login
passing 3 arguments
pwd=/home/app
compass=north
secrets mounted at /run/secrets
public key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7
order id missing
order_count=17
trade_id=123456
account=main
position_id=7
id=550e8400-e29b-41d4-a716-446655440000
user: alice
email: disabled
git@github.com:o/r.git
unit@1.service failed
npm i left-pad@1.3.0
0x7f3c2a1b9d40 in malloc ()
contract 0xdAC17F958D2ee523a2206206994597C13D831ec7
block hash 0000000000000000000320283a032748cef8227873ff4872689bf23f1cda83a5
https://example.com/path?symbol=BTCUSDT&limit=100
redis://cache:6379/0
s3://bucket/key/part-0001.parquet
arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf
File "/app/auth/token.py", line 42, in refresh
  raise AuthError("bad token")
    self.token = token
    password = getpass()
std::string::npos
12:30:45.123456
rss=123456789 fds=45
signature stuck 1
secretary hired
tokenizer loaded
tokenization took 3 ms
credentials loaded from environment
Loaded 3 secrets
secret count=3
secrets: 3
api keys rotated: 4
status code=404
?code=200&x=1
checksum=4bf92f3577b34da6a3ce929d0e0e4736
""".strip().split("\n")


def test_secrets_go() -> None:
    """Nothing of the secret part is shown, and redacting again changes nothing."""
    redactor = Redactor()
    for row in HIDDEN:
        line, _, secret = row.format(R=RANDOM, L=LOWER, X=HEX).rpartition("|")
        shown = redactor.text(line)
        assert secret in line
        assert secret not in shown, line
        assert redactor.text(shown) == shown


def test_ordinary_lines_stay() -> None:
    """Not a letter changes."""
    redactor = Redactor()
    assert [redactor.text(line) for line in STAYS] == STAYS


@pytest.mark.parametrize(
    "form",
    [
        "my&quot;Secret&lt;Value&gt;&amp;&#x27;x",
        "my&quot;Secret&lt;Value>&amp;'x",
        "my&#34;Secret&lt;Value&gt;&amp;&#39;x",
        'my"Secret&lt;Value&gt;&amp;&apos;x',
    ],
)
def test_markup(form: str) -> None:
    """A configured value as XML and HTML write it."""
    redactor = Redactor({"K": "my\"Secret<Value>&'x"})
    assert redactor.text(f"<b a=1>{form}</b>") == "<b a=1>[REDACTED:K]</b>"
