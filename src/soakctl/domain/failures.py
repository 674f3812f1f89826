"""The failures that soakctl knows by itself: what a line of a service that does not come up means, and what to do.

They say why a boot failed (the exit code and a hint). They never end the wait: many services log one and go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from soakctl.errors import ExitCode

BUILTIN_PREFIX = "builtin:"


@dataclass(frozen=True, slots=True)
class BuiltinFailure:
    """A failure that soakctl knows.

    Attributes:
        id: its name, as in the key of a hit, `builtin:<id>`.
        gates: one of these is in every line that `pattern` finds; in lower case, as is the line they are looked for in.
        pattern: looked for in the line.
        exit: what it means for a boot that failed.
        hint: what to do next.
    """

    id: str
    gates: tuple[str, ...]
    pattern: str
    exit: ExitCode
    hint: str

    @property
    def key(self) -> str:
        """The key of its hits."""
        return BUILTIN_PREFIX + self.id


def builtin(key: str) -> BuiltinFailure | None:
    """The failure that a hit's key names; None for the key of a configured one."""
    return _BY_KEY.get(key)


def _failure(exit_code: ExitCode, name: str, gates: str, hint: str, pattern: str) -> BuiltinFailure:
    return BuiltinFailure(name, tuple(gates.split("|")), pattern, exit_code, hint)


_dependency = partial(_failure, ExitCode.DEPENDENCY_ERROR)
_config = partial(_failure, ExitCode.CONFIG_ERROR)
_api = partial(_failure, ExitCode.API_ERROR)
_exception = partial(_failure, ExitCode.EXCEPTION)


# Before a status: not the quote of an access log, where it is the service's own answer to somebody else.
_STATUS = r"(?i:(?:HTTP(?:/\d(?:\.\d)?)?|status(?:[ _]?code)?|response|code)[\s:=]+\"?)"

# The first that finds something in a line is the one that is said of it: the particular before the general.
BUILTIN: tuple[BuiltinFailure, ...] = (
    # Something is not installed.
    _dependency(
        "python-module",
        "error",
        "Install the missing Python package in the environment that the service runs in, or correct the import",
        r"\b(?:ModuleNotFoundError|ImportError|DistributionNotFound|PackageNotFoundError): ",
    ),
    _dependency(
        "python-no-module",
        "no module",
        "Install the missing Python package, or correct the module's name in the command",
        r"\bNo module named ",
    ),
    _dependency(
        "node-module",
        "cannot",
        "Run the package manager's install (npm ci), or correct the path that is required",
        r"Cannot find (?:module|package) ['\"]",
    ),
    _dependency(
        "java-class",
        "error|exception",
        "Check the class path, the jar and the Java version",
        r"\b(?:ClassNotFoundException|NoClassDefFoundError|UnsupportedClassVersionError)\b"
        r"|Could not find or load main class|Unable to access jarfile",
    ),
    _dependency(
        "shared-library",
        "error|could not",
        "Install the library that is named, or set its path",
        r"error while loading shared libraries|Could not load file or assembly",
    ),
    _dependency(
        "ruby-perl-php-package",
        "cannot|could not|not found|notfound|@inc|autoload",
        "Install the missing package (bundle install, cpan, composer install)",
        r"cannot load such file -- |Could not find gem |Bundler::GemNotFound|in @INC\b|vendor/autoload\.php",
    ),
    _dependency(
        "command-not-found",
        "not found",
        "Install the command, or put its directory on PATH",
        r"command not found|executable file not found in|^\S+: (?:line )?\d+: \S+: not found",
    ),
    _dependency(
        "interpreter",
        "no such",
        "Install the interpreter that the first line of the script names, or correct that line",
        r"bad interpreter|\benv: \S+: No such file or directory|\bexec\S*:? .*: No such file or directory",
    ),
    # The configuration is wrong.
    _config(
        "yaml",
        "error|exception|not allowed|did not find|could not",
        "Check the YAML syntax at the line and column named: indentation, colons, quotes",
        r"\byaml\.(?:\w+\.)?\w*(?:Scanner|Parser|Composer|Constructor|Reader|YAML)Error\b|\bYAMLException\b"
        r"|mapping values are not allowed|did not find expected|could not find expected '?:",
    ),
    _config(
        "toml",
        "error",
        "Check the TOML syntax at the line and column named",
        r"\b(?:TOMLDecodeError|TomlDecodeError)\b",
    ),
    _config(
        "ini",
        "error",
        "Check the sections and keys of the configuration file",
        r"\bconfigparser\.\w+Error\b",
    ),
    _config(
        "validation",
        "error",
        "Correct the values named below the error in the configuration or the environment",
        r"\bpydantic\S*ValidationError\b|\b\d+ validation errors? for \w|\bjsonschema\S*ValidationError\b",
    ),
    _config(
        "json-config",
        "error|unexpected token",
        "Check the JSON syntax of the configuration file",
        r"(?i)^(?=.*(?:config|settings|\.json\b)).*(?:JSONDecodeError|Unexpected token .* in JSON)",
    ),
    _config(
        "environment-variable",
        "error|environment var",
        "Set the environment variable that is named",
        r"\bKeyError: '[A-Z][A-Z0-9]*_[A-Z0-9_]+'"
        r"|(?i:(?:missing|required|undefined|unset) (?:\w+ )?environment variables?\b"
        r"|environment variables? \S+ (?:is|are|was|must be) (?:not set|unset|missing|required|undefined|set\b))",
    ),
    _config(
        "configuration",
        "config",
        "Correct the configuration file at the place that is named",
        r"(?i:\b(?:invalid|bad|malformed|missing) (?:\w+ )?config(?:uration)?\b|\bconfig(?:uration)? (?:file )?error\b"
        r"|\bconfig(?:uration)? file (?:\S+ )?(?:not found|does not exist|test failed|is invalid))",
    ),
    _config(
        "nginx-configuration",
        "[emerg]",
        "Correct the nginx configuration at the file and line that are named, and try it with nginx -t",
        r"\[emerg\].* in /\S+:\d+",
    ),
    # A remote side refused or could not be reached.
    _api(
        "refused",
        "refused",
        "Check that the server it connects to is running and that address and port are right",
        r"(?i)\bConnection ?Refused(?:Error)?\b|\bECONNREFUSED\b|actively refused",
    ),
    _api(
        "credentials",
        "401|403|api|authenticat",
        "Check the API credentials: set, not expired, for this environment, allowed from this address",
        r"(?<!\" )\b401 (?:Unauthorized|Client Error)\b|(?<!\" )\b403 (?:Forbidden|Client Error)\b"
        r"|" + _STATUS + r"40[13]\b"
        r"|(?i:\b(?:invalid|incorrect|wrong|missing|expired|bad)\b[\w ]{0,20}\bapi[ _-]?key\b"
        r"|\bapi[ _-]?key\b[\w ]{0,12}\b(?:invalid|not valid|expired|missing|rejected)\b"
        r"|\bauthentication failed\b|\bUNAUTHENTICATED\b)",
    ),
    _api(
        "name-resolution",
        "not known|getaddrinfo|resol|no such|enotfound|eai_again|exception",
        "Check the host name, DNS and the network",
        r"Name or service not known|getaddrinfo failed|(?i:failure in name resolution)"
        r"|(?i:could not resolve host)|no such host|\b(?:ENOTFOUND|EAI_AGAIN)\b|nodename nor servname"
        r"|\bUnknownHostException\b",
    ),
    _api(
        "timed-out",
        "timed out|timedout|timeout",
        "Check the network, the firewall and the address it connects to",
        r"(?i:\bconnection(?: attempt)? timed out\b)|\bETIMEDOUT\b|\b(?:Connect|Connection)Timeout(?:Error)?\b",
    ),
    _api(
        "certificate",
        "certificate|x509",
        "Check the certificate's host, dates and authority",
        r"CERTIFICATE_VERIFY_FAILED|(?i:certificate verify failed)|\bx509: |\bunable to verify the first certificate\b",
    ),
    _api(
        "rate-limit",
        "429",
        "Wait, or ask for fewer requests",
        r"(?<!\" )\b429 Too Many Requests\b|" + _STATUS + r"429\b",
    ),
    # It broke.
    _exception(
        "port-taken",
        "in use|addrinuse|one usage",
        "Another process listens on the port: end it, or use another port",
        r"(?i:address already in use)|\bEADDRINUSE\b|only one usage of each socket",
    ),
    _exception(
        "permission",
        "denied|error|eacces",
        "Give the service's user the right to the file or the port that is named",
        r"(?i:permission denied)|\bPermissionError\b|\bEACCES\b",
    ),
    _exception(
        "out-of-memory",
        "memory",
        "Give it more memory, or look for what takes it",
        r"\bMemoryError\b|\bOutOfMemoryError\b|heap out of memory|(?i:\bout of memory\b|cannot allocate memory)",
    ),
    _exception(
        "segfault",
        "segmentation|violation|sigsegv|dumped",
        "Native code crashed: look for a core dump (coredumpctl) and for extension modules built for another version",
        r"(?i:segmentation fault|segmentation violation|access violation)|\bSIGSEGV\b|core dumped",
    ),
    _exception(
        "go-panic",
        "panic",
        "The first goroutine below the panic names the place",
        r"^panic: |\bpanic: runtime error",
    ),
    _exception(
        "rust-panic",
        "panic",
        "The message names file and line; RUST_BACKTRACE=1 shows the way there",
        r"^thread '.*' (?:\(\d+\) )?panicked at",
    ),
    _exception(
        "java-exception",
        "exception",
        "The last `Caused by:` names the reason",
        r"^Exception in thread \"",
    ),
    _exception(
        "node-rejection",
        "unhandled",
        "A promise was rejected and nobody looked: the error above it names the place",
        r"UnhandledPromiseRejection|Unhandled promise rejection|\bUnhandled 'error' event",
    ),
    _exception(
        "traceback",
        "traceback",
        "The last line of the traceback names the error",
        r"Traceback \(most recent call last\)",
    ),
    _exception(
        "exception",
        "error|exception",
        "The lines above it name the place",
        r"^[\s|+]*(?:Uncaught )?(?:[A-Za-z_]\w*\.)*\w*(?:Error|Exception)(?: \[\w+\])?(?::|$)",
    ),
)

_BY_KEY = {failure.key: failure for failure in BUILTIN}
