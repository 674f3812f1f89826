"""Lines as services write them, each with something that must not be shown."""

from __future__ import annotations

import pytest

from soakctl.redact import Redactor

# Put together here so that no scanner takes this file for a leak.
MIXED = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1vW2xY3"
HEX = "3f9a1c7e5b2d8046" * 4
AWS = "AKIA" + "Z7QH2MPLX4TWB9KD"
GITHUB = "ghp_" + MIXED[:36]
GITHUB_FINE = "github_pat_" + MIXED[:22] + "_" + MIXED[:59]
GITLAB = "glpat-" + MIXED[:20]
SLACK = "xoxb-" + "123456789012-1234567890123-" + MIXED[:24]
STRIPE = "sk_live_" + MIXED[:24]
OPENAI = "sk-proj-" + MIXED[:48]
DEEPSEEK = "sk-" + HEX[:32]
GOOGLE = "AIza" + MIXED[:35]
NPM = "npm_" + MIXED[:36]
PYPI = "pypi-AgEIcHlwaS5vcmc" + MIXED[:60]
SENDGRID = "SG." + MIXED[:22] + "." + MIXED[:43]
HUGGING = "hf_" + MIXED[:34]
VAULT = "hvs." + MIXED[:24]
TELEGRAM = "AAF" + MIXED[:32]
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + MIXED[:43]

TOKENS = [
    (f"loaded key {AWS} for s3", "loaded key [REDACTED:aws-key] for s3"),
    (f"remote: https://github.com via {GITHUB}", "remote: https://github.com via [REDACTED:github-token]"),
    (f"using {GITHUB_FINE}.", "using [REDACTED:github-token]."),
    (f"ci: {GITLAB} accepted", "ci: [REDACTED:gitlab-token] accepted"),
    (f"slack client {SLACK}", "slack client [REDACTED:slack-token]"),
    (
        "POST https://hooks.slack.com/services/T00000000/B00000000/" + MIXED[:24],
        "POST https://hooks.slack.com/services/[REDACTED:slack-webhook]",
    ),
    (
        f"POST https://discord.com/api/webhooks/123456789012345678/{MIXED[:60]} 204",
        "POST https://discord.com/api/webhooks/[REDACTED:discord-webhook] 204",
    ),
    (
        f"stripe.error: Invalid API Key provided: {STRIPE}",
        "stripe.error: Invalid API Key provided: [REDACTED:stripe-key]",
    ),
    (
        f"openai.AuthenticationError: Incorrect API key provided: {OPENAI}",
        "openai.AuthenticationError: Incorrect API key provided: [REDACTED:openai-key]",
    ),
    (f"llm backend ready ({DEEPSEEK})", "llm backend ready ([REDACTED:openai-key])"),
    (
        f"GET /maps/api/geocode/json?address=x&key={GOOGLE} 200",
        "GET /maps/api/geocode/json?address=x&key=[REDACTED:google-key] 200",
    ),
    (f"//registry.npmjs.org/:_authToken={NPM}", "//registry.npmjs.org/:_authToken=[REDACTED:npm-token]"),
    (f"twine upload -u __token__ with {PYPI}", "twine upload -u __token__ with [REDACTED:pypi-token]"),
    (f"mailer: {SENDGRID}", "mailer: [REDACTED:sendgrid-key]"),
    (f"hub login {HUGGING} ok", "hub login [REDACTED:huggingface-token] ok"),
    (f"vault renewed {VAULT}", "vault renewed [REDACTED:vault-token]"),
    (
        f"HTTP Request: POST https://api.telegram.org/bot123456789:{TELEGRAM}/sendMessage",
        "HTTP Request: POST https://api.telegram.org/bot123456789:[REDACTED:telegram-token]/sendMessage",
    ),
    (f"decoded {JWT} for subject", "decoded [REDACTED:jwt] for subject"),
    (f"databricks as dapi{HEX[:32]}", "databricks as [REDACTED:databricks-token]"),
    (f"twilio SK{HEX[:32]}.", "twilio [REDACTED:twilio-key]."),
    (f"brevo xkeysib-{HEX[:64]}-{MIXED[:16]}", "brevo [REDACTED:brevo-key]"),
    (f"square sq0atp-{MIXED[:22]}", "square [REDACTED:square-token]"),
    (f"postman PMAK-{HEX[:24]}-{HEX[:34]}", "postman [REDACTED:postman-key]"),
    (f"linear lin_api_{MIXED[:40]}", "linear [REDACTED:linear-key]"),
    (f"database pscale_tkn_{MIXED[:32]}", "database [REDACTED:planetscale-token]"),
    (f"jira ATATT3xFfGF0{MIXED[:40]}=AB12CD34", "jira [REDACTED:atlassian-token]"),
    (f"made dir_{AWS}_1 and a-{AWS}-b", "made dir_[REDACTED:aws-key]_1 and a-[REDACTED:aws-key]-b"),
    (f"key_{GITHUB} x_{JWT}", "key_[REDACTED:github-token] x_[REDACTED:jwt]"),
    (f"argv=['--x', '{AWS}']", "argv=['--x', '[REDACTED:aws-key]']"),
    (f"redirect=https%3A%2F%2Fx%3Fk%3D{AWS}", "redirect=https%3A%2F%2Fx%3Fk%3D[REDACTED:aws-key]"),
]

OTHERS = [
    ("user jörg@müller.de signed in", "user [REDACTED:email] signed in"),
    ("secret: 'single''quoted' # x", "secret: '[REDACTED:secret]' # x"),
    ("machine api.x.com login bob password swordfish", "machine api.x.com login bob password [REDACTED:password]"),
    ("ALTER USER x IDENTIFIED BY 'qwe123rty';", "ALTER USER x IDENTIFIED BY '[REDACTED:password]';"),
    ("auth_token->abcd1234efgh", "auth_token->[REDACTED:token]"),
    ("('password', 'hunter2xyz')", "('password', '[REDACTED:password]')"),
    ("X-BAPI-SIGN: 8f2b0c9d1eaa", "X-BAPI-SIGN: [REDACTED:signature]"),
    ("passphrase=open", "passphrase=[REDACTED:password]"),
    ("order id 1234567 filled", "order id [REDACTED:order-id] filled"),
    ("order #1234567 filled", "order #[REDACTED:order-id] filled"),
    ("LimitOrder(id=12345, side=Buy)", "LimitOrder(id=[REDACTED:order-id], side=Buy)"),
    ("DB_PASSWORD=correct horse battery staple", "DB_PASSWORD=[REDACTED:password]"),
    ("DB_PASSWORD=correct DB_USER=bob", "DB_PASSWORD=[REDACTED:password] DB_USER=bob"),
    ("PGPASSWORD=qwe123 psql -h db", "PGPASSWORD=[REDACTED:password] psql -h db"),
    ("$ run --token abcdef123: exit code 1", "$ run --token [REDACTED:token]: exit code 1"),
]

HEADERS = [
    (
        'Authorization: Digest username="bob", nonce="dcd9", response="6629fae49393a0539745"',
        "Authorization: Digest [REDACTED:auth]",
    ),
    ("OK-ACCESS-KEY: 37c541a1-ab12", "OK-ACCESS-KEY: [REDACTED:api-key]"),
    ("X-MBX-APIKEY: vmPUZE6mv9", "X-MBX-APIKEY: [REDACTED:api-key]"),
    (
        'http.Header{"Authorization":[]string{"Bearer abc123"}}',
        'http.Header{"Authorization":[]string{"Bearer [REDACTED:auth]"}}',
    ),
    ("map[Authorization:[Bearer abc123] Accept:[*/*]]", "map[Authorization:[REDACTED:auth] Accept:[*/*]]"),
    (
        "curl -H 'Authorization: Bearer xyz' -H \"apikey:abc\"",
        "curl -H 'Authorization: Bearer [REDACTED:auth]' -H \"apikey:[REDACTED:api-key]\"",
    ),
    ('{"op":"auth","args":["apikey123",1662350400000,"deadbeef00"]}', '{"op":"auth","args":[REDACTED:auth]}'),
    (f"> Authorization: Bearer {MIXED[:32]}", "> Authorization: Bearer [REDACTED:auth]"),
    ("authorization: basic dXNlcjpodW50ZXIy", "authorization: basic [REDACTED:auth]"),
    (
        "{'Authorization': 'Bearer abc123', 'Accept': '*/*'}",
        "{'Authorization': 'Bearer [REDACTED:auth]', 'Accept': '*/*'}",
    ),
    ("Authorization: token 0f3c9ab1", "Authorization: token [REDACTED:auth]"),
    (
        "Authorization: AWS4-HMAC-SHA256 Credential=AB/2025/eu/s3/aws4_request, SignedHeaders=host, Signature=fe5f80",
        "Authorization: AWS4-HMAC-SHA256 [REDACTED:auth]",
    ),
    (f"sent Bearer {MIXED[:20]} upstream", "sent Bearer [REDACTED:bearer] upstream"),
    ("auth header was Basic dXNlcjpodW50ZXIy here", "auth header was Basic [REDACTED:basic-auth] here"),
    ("X-API-Key: 7f8a9b", "X-API-Key: [REDACTED:api-key]"),
    ("x-bapi-sign-type: 2, X-BAPI-API-KEY: Zk3vP9", "x-bapi-sign-type: 2, X-BAPI-API-KEY: [REDACTED:api-key]"),
    ("(b'x-api-key', b'k3yk3y')", "(b'x-api-key', b'[REDACTED:api-key]')"),
    ("Cookie: theme=dark; sid=a1b2c3d4", "Cookie: [REDACTED:cookie]"),
    ("< Set-Cookie: session=eyJ1Ijox; Path=/; HttpOnly", "< Set-Cookie: [REDACTED:cookie]"),
    ("Proxy-Authorization: Basic YWxhZGRpbjpvcGVu", "Proxy-Authorization: Basic [REDACTED:auth]"),
]

URLS = [
    (
        "connect wss://stream.local/ws?listenKey=pqia91ma19a5",
        "connect wss://stream.local/ws?listenKey=[REDACTED:api-key]",
    ),
    (
        "connecting to postgres://app:s3cr3t@db:5432/trades",
        "connecting to postgres://app:[REDACTED:url-credentials]@db:5432/trades",
    ),
    ("redis://:hunter2@localhost:6379/0 ready", "redis://:[REDACTED:url-credentials]@localhost:6379/0 ready"),
    (
        "DATABASE_URL=mysql+pymysql://root:p%40ss@10.0.0.5/x",
        "DATABASE_URL=mysql+pymysql://root:[REDACTED:url-credentials]@10.0.0.5/x",
    ),
    ("amqp://guest:gu3st@rabbit//", "amqp://guest:[REDACTED:url-credentials]@rabbit//"),
    (
        "mongodb+srv://bot:pa/ss@cluster0.mongodb.net/db",
        "mongodb+srv://bot:[REDACTED:url-credentials]@cluster0.mongodb.net/db",
    ),
    ("postgres://u:p@ss@host/db", "postgres://u:[REDACTED:url-credentials]@host/db"),
    (
        "git clone https://oauth2:abcdef@gitlab.local/x.git",
        "git clone https://[REDACTED:url-credentials]@gitlab.local/x.git",
    ),
    ("proxy http://alice:wonder@proxy.corp:3128", "proxy http://[REDACTED:url-credentials]@proxy.corp:3128"),
    (
        f"sentry dsn https://{HEX[:32]}@o1.ingest.sentry.io/2",
        "sentry dsn https://[REDACTED:url-credentials]@o1.ingest.sentry.io/2",
    ),
    (
        '127.0.0.1 - - [21/Nov/2025:02:03:04 +0000] "GET /ws?token=a8f5f167&x=1 HTTP/1.1" 101 0',
        '127.0.0.1 - - [21/Nov/2025:02:03:04 +0000] "GET /ws?token=[REDACTED:token]&x=1 HTTP/1.1" 101 0',
    ),
    (
        "GET /v5/order?api_key=Zk3vP9&timestamp=1763690584",
        "GET /v5/order?api_key=[REDACTED:api-key]&timestamp=1763690584",
    ),
    (
        f"GET /fapi/v1/order?symbol=BTCUSDT&signature={HEX}",
        "GET /fapi/v1/order?symbol=BTCUSDT&signature=[REDACTED:url-signature]",
    ),
    (
        "jdbc:mysql://db/x?user=app&password=s3cr3t&ssl=true",
        "jdbc:mysql://db/x?user=app&password=[REDACTED:password]&ssl=true",
    ),
    (
        "callback?next=%2Flogin%3Faccess_token%3Dabc123%26s%3D1",
        "callback?next=%2Flogin%3Faccess_token%3D[REDACTED:token]%26s%3D1",
    ),
    ("curl -s -u alice:wonder1 http://localhost/x", "curl -s -u alice:[REDACTED:password] http://localhost/x"),
]

SETTINGS = [
    # Passwords that look like something else.
    ("user=bob password=supersecret ip=10.0.0.1", "user=bob password=[REDACTED:password] ip=10.0.0.1"),
    ("user=bob password=my_password", "user=bob password=[REDACTED:password]"),
    ("password=my-secret-pw", "password=[REDACTED:password]"),
    ("password=$ecret123", "password=[REDACTED:password]"),
    ("password=aB3(x9k[q n=1", "password=[REDACTED:password] n=1"),
    ("password=user.2024", "password=[REDACTED:password]"),
    ("password='{hunter2}'", "password='[REDACTED:password]'"),
    ("password=password123", "password=[REDACTED:password]"),
    ("password=Summer2024!", "password=[REDACTED:password]"),
    ("password=111111", "password=[REDACTED:password]"),
    ("password=a.b@c:d;e", "password=[REDACTED:password]"),
    ('{"log":"msg=\\"using token abc123def456ghi789\\"\\n"}', '{"log":"msg=\\"using token [REDACTED:token]\\"\\n"}'),
    ("invalid token 'abcdef0123456789'", "invalid token '[REDACTED:token]'"),
    ('Environment="DB_PASSWORD=foo bar"', 'Environment="DB_PASSWORD=[REDACTED:password]"'),
    ('config["api"]["secret"] = "abc"', 'config["api"]["secret"] = "[REDACTED:secret]"'),
    ('<add key="ApiSecret" value="abc"/>', '<add key="ApiSecret" value="[REDACTED:secret]"/>'),
    ("&{Host:db Password:hunter2 Database:x}", "&{Host:db Password:[REDACTED:password] Database:x}"),
    ("DSN: app:hunter2@tcp(db:3306)/x", "DSN: app:[REDACTED:url-credentials]@tcp(db:3306)/x"),
    ("docker login -u bob -p hunter2 registry.local", "docker login -u bob -p [REDACTED:password] registry.local"),
    ("mysql -u root -phunter2 -P 3306 db", "mysql -u root -p[REDACTED:password] -P 3306 db"),
    ("sshpass -p 'hunter2' ssh u@h", "sshpass -p '[REDACTED:password]' ssh u@h"),
    ("password = hunter2 # from the wiki", "password = [REDACTED:password] # from the wiki"),
    (
        "kubectl create secret generic db --from-literal=password=S3cr3t!",
        "kubectl create secret generic db --from-literal=password=[REDACTED:password]",
    ),
    ("BYBIT_API_KEY=Zk3vP9", "BYBIT_API_KEY=[REDACTED:api-key]"),
    ("export DB_PASSWORD='hunter 2'", "export DB_PASSWORD='[REDACTED:password]'"),
    (
        "docker run -e POSTGRES_PASSWORD=pg -e TZ=UTC postgres",
        "docker run -e POSTGRES_PASSWORD=[REDACTED:password] -e TZ=UTC postgres",
    ),
    (
        '"Env": ["PATH=/bin", "API_SECRET=abc", "LANG=C"]',
        '"Env": ["PATH=/bin", "API_SECRET=[REDACTED:secret]", "LANG=C"]',
    ),
    ('{"apiKey": "k1", "max_tokens": 5}', '{"apiKey": "[REDACTED:api-key]", "max_tokens": 5}'),
    ('{"password":"a\\"b","user":"x"}', '{"password":"[REDACTED:password]","user":"x"}'),
    (
        'msg="{\\"client_secret\\": \\"abc\\", \\"n\\": 1}"',
        'msg="{\\"client_secret\\": \\"[REDACTED:secret]\\", \\"n\\": 1}"',
    ),
    ("  password: hunter2", "  password: [REDACTED:password]"),
    ("  password: swordfish", "  password: [REDACTED:password]"),
    ("secret_key: 'x y z'", "secret_key: '[REDACTED:secret]'"),
    (
        "Config(user='bob', api_secret='abc', retries=3)",
        "Config(user='bob', api_secret='[REDACTED:secret]', retries=3)",
    ),
    ("Settings(token=SecretStr('abc123'))", "Settings(token=SecretStr('[REDACTED:token]'))"),
    ("Config(password=abc, n=1)", "Config(password=[REDACTED:password], n=1)"),
    ("python app.py --api-key k123 --verbose", "python app.py --api-key [REDACTED:api-key] --verbose"),
    ("python app.py --password=pw,with,commas -v", "python app.py --password=[REDACTED:password] -v"),
    (
        "java -Dspring.datasource.password=abc -jar x.jar",
        "java -Dspring.datasource.password=[REDACTED:password] -jar x.jar",
    ),
    ("host=db user=app password=s3c sslmode=require", "host=db user=app password=[REDACTED:password] sslmode=require"),
    ("Server=db;User Id=sa;Password=Pa;5;Encrypt=yes", "Server=db;User Id=sa;Password=[REDACTED:password];Encrypt=yes"),
    (
        "AccountName=x;AccountKey=abc+/==;EndpointSuffix=y",
        "AccountName=x;AccountKey=[REDACTED:api-key];EndpointSuffix=y",
    ),
    ("aws_secret_access_key = wJalr/XUtnFEMI", "aws_secret_access_key = [REDACTED:api-key]"),
    ("PGPASSWORD=pg psql -h db", "PGPASSWORD=[REDACTED:password] psql -h db"),
    (
        "LOG:  statement: ALTER USER app WITH PASSWORD 'n3w'",
        "LOG:  statement: ALTER USER app WITH PASSWORD '[REDACTED:password]'",
    ),
    ('{"name":"DB_PASSWORD","value":"hunter2"}', '{"name":"DB_PASSWORD","value":"[REDACTED:password]"}'),
    ("<password>abc</password>", "<password>[REDACTED:password]</password>"),
    ("pw=Hunter2Leak n=1", "pw=[REDACTED:password] n=1"),
    ("PW: Hunter2Leak", "PW: [REDACTED:password]"),
    ("APP_PW=swordfish", "APP_PW=[REDACTED:password]"),
    ("bearer: Hunter2Leak", "bearer: [REDACTED:bearer]"),
    ('{"bearer":"Hunter2Leak"}', '{"bearer":"[REDACTED:bearer]"}'),
    ("otp=123456 user=bob", "otp=[REDACTED:otp] user=bob"),
    ('{"otpCode": "482 913"}', '{"otpCode": "[REDACTED:otp]"}'),
    ("MYAPP_PIN=12345", "MYAPP_PIN=[REDACTED:pin]"),
    ("pin: '4711'", "pin: '[REDACTED:pin]'"),
    ('{"secret":{"value":"Hunter2Leak"}}', '{"secret":{"value":"[REDACTED:secret]"}}'),
    ("jdbc:oracle:thin:scott/Hunter2@//h:1521/x", "jdbc:oracle:thin:scott/[REDACTED:url-credentials]@//h:1521/x"),
    ("/usr/bin/mysqldump -uroot -phunter2 db", "/usr/bin/mysqldump -uroot -p[REDACTED:password] db"),
    ("mariadb-admin -phunter2 status", "mariadb-admin -p[REDACTED:password] status"),
    ("Generated temporary password: kG8!x2", "Generated temporary password: [REDACTED:password]"),
    ("login user=bob passwd=qwerty ip=10.0.0.1", "login user=bob passwd=[REDACTED:password] ip=10.0.0.1"),
    ("private_key=0x" + HEX, "private_key=[REDACTED:private-key]"),
    (
        "wallet mnemonic: abandon ability able about above absent absorb abstract absurd abuse access accident",
        "wallet mnemonic: [REDACTED:seed-phrase]",
    ),
    ("session_id=9f86d081-884c-4d65-9a2f-eaa0c55ad015 opened", "session_id=[REDACTED:session] opened"),
    ("refreshToken=abc.def.ghi", "refreshToken=[REDACTED:token]"),
    ("csrfmiddlewaretoken=abc123&next=/", "csrfmiddlewaretoken=[REDACTED:token]&next=/"),
    ("API key: Zk3vP9qq", "API key: [REDACTED:api-key]"),
    ('level=info password="p w" n=1', 'level=info password="[REDACTED:password]" n=1'),
    ("password=changeme", "password=[REDACTED:password]"),
    (
        "tokens: access_token=abc refresh_token=def",
        "tokens: access_token=[REDACTED:token] refresh_token=[REDACTED:token]",
    ),
    ('{"password": "cut in the mid', '{"password": "[REDACTED:password]'),
    ("password=абвгд логин=x", "password=[REDACTED:password] логин=x"),
    ("✅ пароль api_key=Zk3vP9 🚀", "✅ пароль api_key=[REDACTED:api-key] 🚀"),
]

PERSONAL = [
    ("login by john.doe+x@example.co.uk ok", "login by [REDACTED:email] ok"),
    ("GET /unsubscribe?mail=jane%40example.com", "GET /unsubscribe?mail=[REDACTED:email]"),
    ("To: <ops@exämple.com>, dev@corp.io", "To: <[REDACTED:email]>, [REDACTED:email]"),
    (
        '8.8.4.4 - - [21/Nov/2025:02:03:04 +0000] "GET / HTTP/1.1" 200 612 "-" "Chrome/120.0.6099.130"',
        '[REDACTED:ip] - - [21/Nov/2025:02:03:04 +0000] "GET / HTTP/1.1" 200 612 "-" "Chrome/120.0.6099.130"',
    ),
    (
        'INFO:     93.184.216.34:51712 - "GET /health HTTP/1.1" 200 OK',
        'INFO:     [REDACTED:ip]:51712 - "GET /health HTTP/1.1" 200 OK',
    ),
    ("X-Forwarded-For: 93.184.216.34, 10.0.0.1", "X-Forwarded-For: [REDACTED:ip], 10.0.0.1"),
    ("Connect to api.bybit.com/18.161.97.3:443 failed", "Connect to api.bybit.com/[REDACTED:ip]:443 failed"),
    ("peer 93.184.216.34.", "peer [REDACTED:ip]."),
    ("dial tcp [2606:4700:4700::1111]:443: i/o timeout", "dial tcp [[REDACTED:ip]]:443: i/o timeout"),
    ("from 2a00:1450:4001:81b::200e: refused", "from [REDACTED:ip]: refused"),
    ("http://93.184.216.34/x", "http://[REDACTED:ip]/x"),
    ("allow 93.184.216.0/24", "allow [REDACTED:ip]/24"),
]

ORDERS = [
    ("Order ID: 12345 filled", "Order ID: [REDACTED:order-id] filled"),
    ("origClientOrderId=web_abc", "origClientOrderId=[REDACTED:order-id]"),
    ("Order placed order_id=8389765 side=Buy", "Order placed order_id=[REDACTED:order-id] side=Buy"),
    ('{"orderId":"c6f055d9-7f21-4079-913d-e6523a9cfffa","qty":"0.1"}', '{"orderId":"[REDACTED:order-id]","qty":"0.1"}'),
    ('{"orderId": 28141457, "symbol": "BTCUSDT"}', '{"orderId": [REDACTED:order-id], "symbol": "BTCUSDT"}'),
    ("orderLinkId=spot-test-postonly", "orderLinkId=[REDACTED:order-id]"),
    ("filled clientOrderId: x-4f2a, qty 1", "filled clientOrderId: [REDACTED:order-id], qty 1"),
    ("cancel order id: 77121", "cancel order id: [REDACTED:order-id]"),
    ('"orderIds": ["1a", "2b"], "n": 2', '"orderIds": [REDACTED:order-id], "n": 2'),
    ("clOrdId='abc123'", "clOrdId='[REDACTED:order-id]'"),
]

KEYS = [
    (
        '"key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n-----END PRIVATE KEY-----\\n"',
        '"key": "-----BEGIN PRIVATE KEY-----[REDACTED:private-key]-----END PRIVATE KEY-----\\n"',
    ),
]


@pytest.mark.parametrize(
    ("line", "expected"), [*TOKENS, *HEADERS, *URLS, *SETTINGS, *PERSONAL, *ORDERS, *KEYS, *OTHERS]
)
def test_hides(line: str, expected: str) -> None:
    """What is secret is replaced by its kind, the rest of the line stays, and a second pass changes nothing."""
    redactor = Redactor()
    assert redactor.text(line) == expected
    assert redactor.text(expected) == expected
