"""What the lines of services that do not come up mean."""

from __future__ import annotations

import pytest

from soakctl.domain.config.root import Config
from soakctl.domain.failures import BUILTIN, builtin
from soakctl.domain.line import HitKind
from soakctl.domain.watch import LineWatch
from soakctl.errors import ExitCode

_WATCH = LineWatch.of(Config())

LINES = [
    ("python-module", "ModuleNotFoundError: No module named 'fastapi'"),
    ("python-module", "ImportError: cannot import name 'x' from 'y' (/app/y.py)"),
    ("python-no-module", "/usr/bin/python: No module named risk_manager"),
    ("node-module", "Error: Cannot find module 'express'"),
    ("node-module", "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'ws' imported from /app/index.mjs"),
    ("java-class", "Error: Could not find or load main class com.example.App"),
    ("java-class", 'Exception in thread "main" java.lang.NoClassDefFoundError: org/slf4j/Logger'),
    ("java-class", "Caused by: java.lang.ClassNotFoundException: org.postgresql.Driver"),
    ("java-class", "Error: Unable to access jarfile app.jar"),
    ("shared-library", "./app: error while loading shared libraries: libssl.so.1.1: cannot open shared object file"),
    ("shared-library", "System.IO.FileNotFoundException: Could not load file or assembly 'Newtonsoft.Json'"),
    ("ruby-perl-php-package", "in `require': cannot load such file -- sinatra (LoadError)"),
    ("ruby-perl-php-package", "Can't locate JSON/XS.pm in @INC (you may need to install the JSON::XS module)"),
    ("ruby-perl-php-package", "Could not find gem 'rails' in locally installed gems."),
    ("ruby-perl-php-package", "PHP Warning:  require(vendor/autoload.php): Failed to open stream"),
    ("command-not-found", "bash: line 1: redis-server: command not found"),
    ("command-not-found", "./run.sh: 3: uvicorn: not found"),
    ("command-not-found", 'exec: "nginx": executable file not found in $PATH'),
    ("interpreter", "/usr/bin/env: \u2018node\u2019: No such file or directory"),
    ("interpreter", "bash: ./app.py: /usr/bin/python9: bad interpreter: No such file or directory"),
    ("interpreter", "env: 'python3.9': No such file or directory"),
    ("yaml", "yaml.scanner.ScannerError: mapping values are not allowed here"),
    ("yaml", "yaml.parser.ParserError: while parsing a block mapping"),
    ("yaml", "  mapping values are not allowed in this context at line 3 column 9"),
    ("yaml", "error: yaml: line 4: did not find expected key"),
    ("yaml", "YAMLException: bad indentation of a mapping entry (3:5)"),
    ("toml", "tomllib.TOMLDecodeError: Expected '=' after a key (at line 1, column 3)"),
    ("ini", "configparser.NoSectionError: No section: 'db'"),
    ("validation", "pydantic_core._pydantic_core.ValidationError: 2 validation errors for Settings"),
    ("validation", "1 validation error for Settings"),
    ("validation", "jsonschema.exceptions.ValidationError: 'x' is a required property"),
    ("json-config", "json.decoder.JSONDecodeError: Expecting value in config.json: line 1 column 1 (char 0)"),
    ("json-config", "SyntaxError: /app/settings.json: Unexpected token } in JSON at position 12"),
    ("environment-variable", "KeyError: 'BYBIT_API_KEY'"),
    ("environment-variable", "Missing required environment variable DATABASE_URL"),
    ("environment-variable", "environment variable DATABASE_URL is not set"),
    ("configuration", "ERROR invalid configuration: interval must be positive"),
    ("configuration", "Configuration file /etc/app.conf not found"),
    ("configuration", "nginx: configuration file /etc/nginx/nginx.conf test failed"),
    ("nginx-configuration", 'nginx: [emerg] unknown directive "foo" in /etc/nginx/nginx.conf:12'),
    ("refused", "ConnectionRefusedError: [Errno 111] Connection refused"),
    ("refused", "dial tcp 127.0.0.1:6379: connect: connection refused"),
    ("refused", "Error: connect ECONNREFUSED 127.0.0.1:5432"),
    ("credentials", "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: http://x/y"),
    ("credentials", "ERROR sdk: 403 Forbidden"),
    ("credentials", "server replied with status code 401"),
    ("credentials", "HTTP 401 from the exchange"),
    ("credentials", "HTTP/1.1 403 Forbidden"),
    ("credentials", "ValueError: Invalid API key provided"),
    ("credentials", "the api_key has expired or API key not valid"),
    ("credentials", 'FATAL:  password authentication failed for user "app"'),
    ("name-resolution", "socket.gaierror: [Errno -2] Name or service not known"),
    ("name-resolution", "socket.gaierror: [Errno -3] Temporary failure in name resolution"),
    ("name-resolution", "Error: getaddrinfo ENOTFOUND db.internal"),
    ("name-resolution", "dial tcp: lookup db.internal: no such host"),
    ("name-resolution", "java.net.UnknownHostException: db.internal"),
    ("name-resolution", "curl: (6) Could not resolve host: db.internal"),
    ("timed-out", "psycopg2.OperationalError: connection timed out"),
    ("timed-out", "httpx.ConnectTimeout: timed out"),
    ("timed-out", "Error: connect ETIMEDOUT 10.0.0.1:443"),
    ("certificate", "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"),
    ("certificate", "x509: certificate signed by unknown authority"),
    ("rate-limit", "429 Too Many Requests"),
    ("port-taken", "OSError: [Errno 98] Address already in use"),
    ("port-taken", "Error: listen EADDRINUSE: address already in use :::3000"),
    ("port-taken", "bind() to 0.0.0.0:80 failed (98: Address already in use)"),
    ("permission", "PermissionError: [Errno 13] Permission denied: '/var/run/app.pid'"),
    ("permission", "Error: listen EACCES: permission denied 0.0.0.0:80"),
    ("out-of-memory", "MemoryError"),
    ("out-of-memory", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"),
    ("out-of-memory", "java.lang.OutOfMemoryError: Java heap space"),
    ("segfault", "Segmentation fault (core dumped)"),
    ("segfault", "Fatal Python error: Segmentation fault"),
    ("segfault", "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]"),
    ("go-panic", "panic: assignment to entry in nil map"),
    ("rust-panic", "thread 'main' panicked at src/main.rs:4:5:"),
    ("rust-panic", "thread 'main' (1234) panicked at src/main.rs:4:5:"),
    ("java-exception", 'Exception in thread "main" java.lang.IllegalStateException: x'),
    (
        "node-rejection",
        "[UnhandledPromiseRejection: This error originated either by throwing inside of an async function",
    ),
    ("traceback", "Traceback (most recent call last):"),
    ("exception", "ValueError: interval must be positive"),
    ("exception", "my.package.errors.BrokenError: x"),
    ("exception", "TypeError: Cannot read properties of undefined (reading 'x')"),
    ("exception", "    | asyncio.exceptions.InvalidStateError: x"),
    ("exception", "Error: something"),
]


@pytest.mark.parametrize(("name", "text"), LINES)
def test_a_known_failure_is_recognised(name: str, text: str) -> None:
    """The most particular meaning of the line is the one that is said."""
    hits = [found for found in _WATCH.find(text) if found.kind is HitKind.FAILURE]
    assert [hit.key for hit in hits] == [f"builtin:{name}"]


@pytest.mark.parametrize(
    "text",
    [
        "INFO started, 401 rules loaded",
        '127.0.0.1:1 - "GET /private HTTP/1.1" 401 Unauthorized',
        '127.0.0.1 - - [21/Nov/2026:07:00:00 +0000] "GET / HTTP/1.1" 403 12',
        "DeprecationWarning: use something else",
        "KeyboardInterrupt",
        "no errors so far",
        "error handler installed",
        "config loaded from config.json",
        "the file was not found in the cache",
        "latency 429 ms",
        "api key loaded",
        "timeout is 30 s",
        "memory use is 429 MB",
        '{"status": 401, "path": "/private"}',
    ],
)
def test_ordinary_lines_are_no_failures(text: str) -> None:
    """Numbers, names and answers to others that look like a failure are none."""
    assert _WATCH.find(text) == []


def test_each_failure_has_an_example_and_a_hint() -> None:
    """Nothing in the table is untested, unnamed or without advice."""
    assert {name for name, _ in LINES} == {failure.id for failure in BUILTIN}
    assert len({failure.id for failure in BUILTIN}) == len(BUILTIN)
    for failure in BUILTIN:
        assert builtin(failure.key) is failure
        assert len(failure.hint) > 10
        assert failure.exit in {
            ExitCode.EXCEPTION,
            ExitCode.CONFIG_ERROR,
            ExitCode.API_ERROR,
            ExitCode.DEPENDENCY_ERROR,
        }
        assert all(gate == gate.lower() for gate in failure.gates)


def test_a_configured_failure_is_none_of_the_known() -> None:
    """The key of a configured failure is its place, which names no built-in one."""
    assert builtin("0") is None


@pytest.mark.parametrize("piece", ["Unexpected token config ", "[emerg] ", "exec ", "api key ", "Error", "yaml."])
def test_long_lines_are_read_in_no_time(piece: str) -> None:
    """A line of 100 KB made to be hard on the patterns is cut short for them."""
    _WATCH.find(piece * (100_000 // len(piece)))
