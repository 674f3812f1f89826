"""Which lines are at level CRITICAL or FATAL, by format, and which only speak of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.domain.critical import is_critical

CRITICAL = [
    # Python's logging, in the styles people configure
    "2026-11-21 07:00:00,123 CRITICAL name: connection lost",
    "2026-11-21 07:00:00,123 - my.module - CRITICAL - connection lost",
    "2026-11-21 07:00:00,123 myapp CRITICAL connection lost",
    "2026-11-21 07:00:00,123 MainThread CRITICAL connection lost",
    "CRITICAL:root:connection lost",
    "CRITICAL:__main__:42 orders stuck",
    "root - CRITICAL - connection lost",
    "[CRITICAL] connection lost",
    "[2026-11-21 07:00:00 CRITICAL] connection lost",
    "[2026-11-21T07:00:00.123+0000] {scheduler.py:12} CRITICAL - connection lost",
    "2026-11-21 07:00:00.123 | CRITICAL | module:function:12 - connection lost",
    "2026-11-21 07:00:00,123 1234 CRITICAL database odoo.sql_db: bad query",
    "[2026-11-21 07:00:00 +0000] [123] [CRITICAL] WORKER TIMEOUT (pid:124)",
    "[2026-11-21 07:00:00,123: CRITICAL/MainProcess] Unrecoverable error",
    "2026-11-21 07:00:00 [critical ] connection lost     [app.feed] retries=5",
    "2026-11-21 07:00:00,123 CRIT Supervisor is running as root.",
    "[07:00:00] CRITICAL connection lost                  feed.py:12",
    "F1121 07:00:00.123456   123 feed.py:12] check failed",
    "[C 261121 07:00:00 web:12] connection lost",
    # JSON lines
    '{"level":"critical","msg":"connection lost"}',
    '{"time": "2026-11-21T07:00:00Z", "level": "FATAL", "message": "x"}',
    '{"levelname": "CRITICAL", "message": "x"}',
    '{"severity":"CRITICAL","message":"x"}',
    '{"severity":"EMERGENCY","textPayload":"x"}',
    '{"level":60,"time":1763708400000,"pid":1,"msg":"x"}',
    '{"levelno": 50, "message": "x"}',
    '{"log.level":"fatal","message":"x"}',
    '{"log":{"level":"fatal"},"message":"x"}',
    '{"@t":"2026-11-21T07:00:00Z","@l":"Fatal","@mt":"x"}',
    '{"text":"x","record":{"level":{"icon":"x","name":"CRITICAL","no":50}}}',
    '{"t":{"$date":"2026-11-21T07:00:00Z"},"s":"F","c":"CONTROL","msg":"x"}',
    '{"version":"1.1","host":"h","short_message":"fatal x","level":2}',
    '{"PRIORITY":"2","MESSAGE":"x","__REALTIME_TIMESTAMP":"1"}',
    '{"msg":"levels are \\"level\\":\\"info\\"","level":"critical"}',
    'web-1  | {"level":"fatal","msg":"x"}',
    '{"level":"critical","msg":"a line that was cut in the midd',
    "{'level': 'CRITICAL', 'msg': 'a dict'}",
    # logfmt
    'time="2026-11-21T07:00:00Z" level=fatal msg="connection lost"',
    'msg="all good things end" level=critical',
    "t=2026-11-21T07:00:00+0000 lvl=crit msg=x",
    'ts=2026-11-21T07:00:00Z severity=critical msg="x"',
    "2026-11-21T07:00:00Z level=critical msg=x",
    "FATA[0000] connection lost",
    # servers and runtimes
    "2026/11/21 07:00:00 [crit] 1234#1234: *1 SSL_do_handshake() failed",
    "2026/11/21 07:00:00 [emerg] 1234#1234: bind() to 0.0.0.0:80 failed",
    "2026/11/21 07:00:00 [alert] 1234#1234: worker process 1235 exited on signal 11",
    "[Fri Nov 21 07:00:00.123456 2026] [core:crit] [pid 1:tid 2] connection lost",
    "FATAL:  password authentication failed for user",
    "2026-11-21 07:00:00.123 UTC [1234] FATAL:  the database system is starting up",
    "2026-11-21 07:00:00 UTC [12]: [1-1] user=u,db=d,app=a,client=10.0.0.1 FATAL:  role does not exist",
    "2026-11-21 07:00:00.123 UTC [1] PANIC:  could not write to file",
    "2026-11-21 07:00:00,123 [main] FATAL com.example.App - connection lost",
    "[2026-11-21 07:00:00,123] FATAL [Kafka Server 0], fatal error during startup (kafka.server)",
    "2026-11-21T07:00:00.123Z FATAL 1234 --- [main] c.e.App : connection lost",
    "2026-11-21 07:00:00.1234|FATAL|Namespace.Class|connection lost",
    "F, [2026-11-21T07:00:00.123456 #1234] FATAL -- : connection lost",
    "2026-11-21 07:00:00.123 [critical] <0.123.0> connection lost",
    "07:00:00.123 [emergency] connection lost",
    "crit: Microsoft.Hosting.Lifetime[0] connection lost",
    "[07:00:00 FTL] connection lost",
    "7:00AM FTL connection lost",
    "[07:00:00.123] FATAL (123): connection lost",
    "[2026-11-21 07:00:00] production.CRITICAL: connection lost",
    "[2026-11-21 07:00:00] local.EMERGENCY: connection lost",
    "2026-11-21T07:00:00.123+0000 F CONTROL  [main] connection lost",
    "2026-11-21 07:00:00.123456: F tensorflow/core/x.cc:12] Check failed",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    "PHP Fatal error:  Uncaught Exception in /app/index.php:3",
    "[21-Nov-2026 07:00:00 UTC] PHP Fatal error:  Uncaught Exception in /app/index.php:3",
    "Fatal Python error: Segmentation fault",
    "fatal error: all goroutines are asleep - deadlock!",
    "fatal: not a git repository",
    "squid: fatal: cannot open the log",
    # syslog
    "Nov 21 07:00:00 myhost prog[123]: CRITICAL connection lost",
    "<130>Nov 21 07:00:00 myhost prog[123]: connection lost",
    "<2>1 2026-11-21T07:00:00Z myhost prog 123 - - connection lost",
    # with what stands around it in containers
    "web-1  | CRITICAL:root:connection lost",
    "web  | CRITICAL connection lost",
    "🔥 CRITICAL: margin call",
    "**CRITICAL** margin call",
    "CRITICAL: 5 positions could not be closed",
    "CRITICAL! margin call",
    "Bot [CRITICAL] margin call",
    "2026-11-21 07:00:00 CRITICAL",
    "CRITICAL: 0 orders filled in the last hour",
]

HARMLESS = [
    "",
    "all is well",
    "no critical errors found",
    "critical=0",
    "errors=0 critical=0 fatal=0",
    "CRITICAL=0",
    "CRITICAL: 0",
    "CRITICAL: 0 issues",
    "CRITICAL: 3, HIGH: 2, MEDIUM: 7",
    "Total: 3 (HIGH: 2, CRITICAL: 1)",
    "| CRITICAL | 0 |",
    "CRITICAL    0",
    "CRITICAL | HIGH | MEDIUM | LOW",
    "CRITICAL, HIGH, MEDIUM",
    "3 CRITICAL vulnerabilities found",
    "Critical: 0",
    "Fatal errors: 0",
    "fatal: false",
    "critical: []",
    "  fatal: this is the key of a YAML file",
    "    logger.critical('connection lost')",
    '  File "app.py", line 3, in FATAL',
    "raise FatalError('x')",
    "FatalError: connection lost",
    "FATAL_ERROR_CODE is 7",
    "NON-FATAL error ignored",
    "a non-fatal error was ignored",
    "2026-11-21 07:00:00,123 INFO CRITICAL path computed",
    "2026-11-21 07:00:00,123 INFO app: level set to CRITICAL",
    "2026-11-21 07:00:00,123 - app - INFO - no critical errors",
    "2026-11-21 07:00:00 [info] 1#1: [crit] was the level before",
    "INFO:root:CRITICAL",
    "ERROR: FATAL flaw in the plan",
    "error: fatal flaw in the plan",
    "warning: CRITICAL battery of the mouse",
    "DEBUG, INFO, WARNING, ERROR, CRITICAL",
    "levels: DEBUG, INFO, WARNING, ERROR, CRITICAL",
    "--log-level CRITICAL",
    "usage: app [--level {DEBUG,INFO,CRITICAL}]",
    "LOG_LEVEL CRITICAL",
    "log_level=CRITICAL workers=4",
    "Log level set to CRITICAL",
    "Logging configured level=CRITICAL",
    "Status: CRITICAL",
    "Health status CRITICAL",
    "DISK CRITICAL - free space: / 5%",
    "Severity: CRITICAL - CVE-2026-1234",
    "Detected CRITICAL condition in the simulation",
    "2026-11-21 07:00:00 Detected CRITICAL condition in the simulation",
    "CRITICAL path length is 5",
    "Critical section entered by worker 3",
    "the fatal blow",
    "Fatal attraction is a film",
    "path/critical",
    "GET /critical HTTP/1.1",
    '127.0.0.1 - - [21/Nov/2026:07:00:00 +0000] "GET /alerts/CRITICAL HTTP/1.1" 200 12',
    '127.0.0.1 - - [21/Nov/2026:07:00:00 +0000] "GET /?level=critical HTTP/1.1" 200 12',
    '127.0.0.1 - - [21/Nov/2026:07:00:00 +0000] "GET /x?severity=FATAL&level=FATAL HTTP/1.1" 200 12',
    "CRITICAL/HIGH findings are listed below",
    "logging.CRITICAL is 50",
    "app.critical.handler loaded",
    '{"critical": 3}',
    '{"level":"info","msg":"critical path"}',
    '{"level":"info","severity":"critical","msg":"an alert passed on"}',
    '{"labels":{"severity":"critical"},"level":"info","msg":"alert"}',
    '{"id":1,"severity":"critical","title":"CVE-2026-1"}',
    '{"msg":"got {\\"level\\":\\"critical\\"}","level":"warning"}',
    '{"level":50,"msg":"a fatal thing, at level error"}',
    '{"level":30,"n":":60"}',
    '{"s":"F","name":"female"}',
    'Response {"severity":"CRITICAL","message":"from the other side"}',
    '2026-11-21 07:00:00 INFO got {"level":"critical"}',
    'level=info msg="CRITICAL path" severity=critical',
    'level=info msg="alert fired" level_of_alert=critical',
    "ts=2026-11-21T07:00:00Z alert=x severity=critical",
    'ts=2026-11-21T07:00:00Z caller=dispatch.go:1 level=debug msg="a fatal alert was received"',
    "psycopg2.OperationalError: connection to server failed: FATAL:  sorry, too many clients",
    "OperationalError: FATAL:  sorry, too many clients already",
    "panic: runtime error: index out of range",
    "don't panic",
    "Kernel PANIC drill at noon",
    "ALERT: price crossed 100",
    "[ALERT] price crossed 100",
    "2026-11-21 07:00:00 INFO ALERT price crossed 100",
    "<134>Nov 21 07:00:00 myhost prog[123]: fatal is not the level",
    "<b>FATAL</b> is a word in this page",
    "FAT32 ALTERNATIVE",
    "F1121 is the name of a fighter",
    "press F to pay respects",
    "FATAL",
    "CRITICAL",
    "critically acclaimed",
    "CRITICALITY 9",
    "emergency exit is open",
]


@pytest.mark.parametrize("text", CRITICAL)
def test_critical_lines_count(text: str) -> None:
    """A line at level CRITICAL or FATAL counts, whatever the format."""
    assert is_critical(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_lines_that_only_mention_it_do_not_count(text: str) -> None:
    """A line at another level, or at none, does not count whatever it speaks of."""
    assert not is_critical(text)


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    """No line makes it fail."""
    assert is_critical(text) in {True, False}


@given(st.sampled_from(("INFO", "DEBUG", "WARNING", "ERROR")), st.sampled_from(("CRITICAL", "FATAL", "[CRITICAL]")))
def test_the_first_level_word_decides(level: str, word: str) -> None:
    """Behind another level the word is part of the message."""
    assert not is_critical(f"2026-11-21 07:00:00,123 {level} {word} x")
    assert is_critical(f"2026-11-21 07:00:00,123 {word} {level} x")
