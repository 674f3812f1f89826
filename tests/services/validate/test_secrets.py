"""The secret scan: what is found wherever it stands, what is none, and how findings are allowed."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.services.validate.leaks import scan_blocks
from tests.support.project import Project

if TYPE_CHECKING:
    from pathlib import Path

AWS = "AKIA" + "Q3EGSXW7LXKQ4TVB"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAx8vT0c1Zr9Qk3v6y8b2n4m6p8r0t2w4y6A8C0E2G4I6K8M0O\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """An empty project with a scan."""
    project = Project(tmp_path, monkeypatch, capsys)
    project.configure("secrets")
    return project


def _rules(path: str, content: str | bytes, size: int = 1 << 18) -> list[tuple[int, str]]:
    data = content if isinstance(content, bytes) else content.encode()
    blocks = (data[at : at + size] for at in range(0, max(len(data), 1), size))
    return [(leak.line, leak.rule) for leak in scan_blocks(path, iter(blocks), ())]


@pytest.mark.parametrize(
    ("path", "content", "rule"),
    [
        ("a.py", f'KEY = "{AWS}"', "aws-key"),
        ("a.txt", f"the key {AWS} of the bucket", "aws-key"),
        ("deploy.pem", PEM, "private-key"),
        ("key.json", json.dumps({"private_key": PEM}), "private-key"),
        ("a.go", 'dsn := "postgres://app:s3cr3tPw9@db:5432/x"', "url-credentials"),
        ("a.py", 'password = "hT7fk2Lq9zXw"', "password"),
        (".env", "API_SECRET=hT7fk2Lq9zXw", "secret"),
        ("values.yaml", "  dbPassword: hT7fk2Lq9zXw", "password"),
        ("a.json", '{"client_secret": "9f86d081884c7d659a2feaa0c55ad015"}', "secret"),
        ("a.js", "const apiKey = 'Zk3vP9qqL0x7Tn2b'", "api-key"),
        ("Dockerfile", "ENV GITHUB_TOKEN=ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8", "github-token"),
        ("Dockerfile", "ENV API_TOKEN abcd1234efgh5678ijkl", "token"),
        ("a.py", 'headers = {"Authorization": "Bearer abcd1234efgh5678ijkl"}', "auth"),
        ("ci.yml", 'run: curl -H "Authorization: Bearer abcd1234efgh5678ijkl" https://x', "auth"),
        ("a.py", 'token: str = "abcd1234efgh5678ijkl"', "token"),
        ("a.py", 'api_key: SecretStr = SecretStr("abcd1234efgh5678ijkl")', "api-key"),
        ("a.py", 'secret = f"abcd1234efgh5678ijkl"', "secret"),
        ("a.py", 'os.getenv("DB_PASSWORD", "hT7fk2Lq9zXw")', "password"),
        ("a.py", 'parser.add_argument("--password", type=str, default="hT7fk2Lq9zXw")', "password"),
        ("a.ts", 'const password: string = "hT7fk2Lq9zXw";', "password"),
        ("a.kt", 'val password: String = "hT7fk2Lq9zXw"', "password"),
        ("a.rs", 'const PASSWORD: &str = "hT7fk2Lq9zXw";', "password"),
        ("a.go", 'const apiKey string = "abcd1234efgh5678ijkl"', "api-key"),
        ("a.h", '#define API_KEY "abcd1234efgh5678ijkl"', "api-key"),
        ("a.php", 'define("DB_PASSWORD", "hT7fk2Lq9zXw");', "password"),
        ("a.rb", 'ENV["API_KEY"] ||= "abcd1234efgh5678ijkl"', "api-key"),
        ("a.cs", 'var cs = "Server=db;User Id=sa;Password=hT7fk2Lq9zXw;";', "password"),
        ("a.sh", "curl -u admin:hT7fk2Lq9zXw https://x", "password"),
        ("a.sh", "mysql -uroot -phT7fk2Lq9zXw trades", "password"),
        ("a.sql", "ALTER USER x WITH PASSWORD 'hT7fk2Lq9zXw';", "password"),
        ("a.sql", "CREATE USER x IDENTIFIED BY 'hT7fk2Lq9zXw';", "password"),
        ("a.txt", "password=hT7fk2Lq9zXw", "password"),
        (".netrc", "machine x login bob password hT7fk2Lq9zXw", "password"),
        (".pgpass", "db:5432:trades:app:hT7fk2Lq9zXw", "password"),
    ],
)
def test_finds(path: str, content: str, rule: str) -> None:
    """In every kind of file, and in UTF-16 as well."""
    assert _rules(path, content) == [(1, rule)]
    assert _rules(path, f"\n\n{content}") == [(3, rule)]
    assert _rules(path, content.encode("utf-16")) == [(1, rule)]
    assert _rules(path, content.encode("utf-16-le")) == [(1, rule)]
    assert _rules(path, content.encode("utf-32")) == [(1, rule)]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.py", "password = get_password()"),
        ("a.py", "def login(user, password=None, token=DEFAULT_TOKEN):"),
        ("a.py", 'password = os.environ["DB_PASSWORD"]'),
        ("a.py", 'API_KEY_HEADER = "X-API-Key"'),
        ("a.yaml", "password: ${DB_PASSWORD}"),
        ("a.yaml", "password: changeme"),
        ("a.yaml", "secretName: app-database-credentials"),
        ("a.yaml", "token_url: https://login.example.com/oauth2/token"),
        ("a.env", "API_KEY=your-api-key-here"),
        ("a.env", "DB_PASSWORD_FILE=/run/secrets/db_password"),
        ("a.json", '{"max_tokens": 4096, "primary_key": "id", "key": "a1b2c3d4e5f6a7b8"}'),
        ("a.py", 'AWS = "AKIAIOSFODNN7EXAMPLE"'),
        ("a.md", "postgres://user:password@localhost/db"),
        ("a.md", "-----BEGIN RSA PRIVATE KEY-----\n...\n"),
        ("a.txt", "mail bob@example.com from 93.184.216.34, order_id=8389765"),
        ("a.txt", "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        ("a.py", 'session_id = "9f86d081-884c-4d65-9a2f-eaa0c55ad015"'),
        ("a.py", 'os.getenv("API_TOKEN", "")'),
        ("a.py", 'password: str = Field(default="changeme")'),
        ("a.py", 'token: str = f"{prefix}-{uuid4()}-12"'),
        ("a.py", 'run("--password", "--update-baseline")'),
        ("a.py", 'fields = ("password", "password2")'),
        ("a.py", 'headers["Authorization"] = "Bearer " + token'),
        ("a.ts", 'const token: string = process.env.API_TOKEN ?? "";'),
        ("a.md", "const aliceSecret = alice.computeSecret(bobKey, null, 'hex');"),
        ("a.md", "see [Pre-shared keys]: #pre-shared-keys2"),
        ("a.sh", 'curl -u "$USER:$PASS" https://x; mysql -p trades2024'),
        ("a.cs", 'var cs = "Server=db;Password=${DB_PASSWORD};";'),
        ("a.yaml", "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {name: db1234, key: password}"),
        ("a.tsx", "<Key token={props.accessToken} secretKey={state.secretKey} />"),
    ],
)
def test_lets_pass(path: str, content: str) -> None:
    """Code, references, placeholders, examples, and what is personal but no secret of a repository."""
    assert _rules(path, content) == []


def test_a_value_below_its_name() -> None:
    """As Kubernetes has it."""
    assert _rules("a.yaml", "env:\n  - name: DB_PASSWORD\n    value: hT7fk2Lq9zXw\n") == [(3, "password")]


def test_binary_files() -> None:
    """Are searched for what can be told by its look, and for configured values as programs hold them."""
    data = b"\xff\x01\x02" + bytes(99) + "hT7fk2Lq9zXw".encode("utf-16-le") + bytes(50)
    (leak,) = scan_blocks("a.bin", iter([data]), ((b"hT7fk2Lq9zXw", "KEY"),))
    assert leak.rule == "configured-secret:KEY"
    assert _rules("a.bin", b"\x00\x01\x02" * 100 + AWS.encode() + b"\x00" * 50) == [(1, "aws-key")]


@given(st.integers(min_value=1, max_value=400_000), st.integers(min_value=1000, max_value=300_000))
def test_blocks_make_no_difference(at: int, size: int) -> None:
    """A secret is found wherever the blocks of a file are cut, on a line of its own or within an endless one."""
    lines = "x = 1\n" * (at // 6) + f'k = "{AWS}"\n' + "y\n" * 50_000
    assert _rules("a.py", lines, size) == [(at // 6 + 1, "aws-key")]
    endless = "a b " * (at // 4) + AWS + " c d" * 100_000
    assert _rules("a.txt", endless, size) == [(1, "aws-key")]


def test_findings_are_told_by_place_and_never_by_value(project: Project) -> None:
    """On the screen, in the record, in the log and in SARIF."""
    project.write("app/k.py", f'A = 1\nKEY = "{AWS}"\n')
    answer = project.validate()
    assert "app/k.py:2: aws-key" in answer.out
    assert AWS not in answer.out + answer.err + project.everything_written()
    sarif = json.loads((project.artifacts / "validate" / "secrets.sarif").read_text(encoding="utf-8"))
    (result,) = sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], place["artifactLocation"]["uri"], place["region"]) == (
        "aws-key",
        "app/k.py",
        {"startLine": 2},
    )


@pytest.mark.parametrize("file", ["secrets_whitelist.txt", "test_secrets_whitelist.txt"])
@pytest.mark.parametrize(
    "entry", ["app/**", "app/k.py", "*.none\naws-key:app/k.py:1", f"{hashlib.sha256(AWS.encode()).hexdigest()}  # ours"]
)
def test_the_whitelist(project: Project, file: str, entry: str) -> None:
    """By path, by place, or by the hash of the value; anything else stays a finding."""
    project.write("app/k.py", f'KEY = "{AWS}"\n')
    project.write(file, f"# known\n{entry}\n")
    assert project.section("secrets")["problems"] == []
    project.write(file, "other/**\naws-key:app/k.py:2\n")
    assert project.section("secrets")["problems"] == ["app/k.py:1: aws-key"]


@pytest.mark.parametrize("mark", ["# pragma: allowlist secret", "// gitleaks:allow"])
def test_inline_marks(project: Project, mark: str) -> None:
    """Of detect-secrets and of gitleaks; they hold for their line alone."""
    project.write("a.py", f'K = "{AWS}"  {mark}\n# pragma: allowlist nextline secret\nK = "{AWS}"\nK = "{AWS}"\n')
    assert project.section("secrets")["problems"] == ["a.py:4: aws-key"]


def test_the_baseline(project: Project) -> None:
    """What is known stays quiet, wherever it moves in its file; what is new does not."""
    project.write("a.py", f'K = "{AWS}"\n')
    assert project.section("secrets", "--update-baseline")["ok"]
    assert AWS not in (project.root / ".secrets.baseline").read_text(encoding="utf-8")
    project.write("a.py", f'\n\nK = "{AWS}"\n')
    assert project.section("secrets")["problems"] == []
    project.write("b.py", f'K = "{AWS}"\n')
    assert project.section("secrets")["problems"] == ["b.py:1: aws-key"]


def _git(project: Project, *words: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=project.root, check=True, capture_output=True)


def test_what_git_ignores_is_not_committed(project: Project) -> None:
    """A file of the developer's own may hold what it likes; one that could be committed may not."""
    _git(project, "init", "-q")
    project.write(".gitignore", ".env\n")
    project.write(".env", "API_SECRET=hT7fk2Lq9zXw\n")
    project.write("new.env", "API_SECRET=hT7fk2Lq9zXw\n")
    assert project.section("secrets")["problems"] == ["new.env:1: secret"]


def test_history(project: Project) -> None:
    """A secret that was committed and removed again is found with --history, once, and its commit named."""
    _git(project, "init", "-q")
    project.write("a.py", f'x = 1\nK = "{AWS}"\n')
    _git(project, "add", ".")
    _git(project, "commit", "-qm", "one")
    project.write("a.py", "x = 1\n")
    _git(project, "commit", "-qam", "two")
    assert project.section("secrets")["problems"] == []
    (found,) = project.section("secrets", "--history")["problems"]
    assert found.startswith("a.py:2: aws-key (commit ")
    assert AWS not in project.everything_written()


def _commit(project: Project, path: str, content: str | bytes, *words: str) -> None:
    project.write(path, content)
    _git(project, "add", ".")
    _git(project, "commit", "-qm", "x", *words)


def test_history_of_a_branch_that_was_merged_and_deleted(project: Project) -> None:
    """What only the branch had, and what only the merge itself brought."""
    _git(project, "init", "-q", "-b", "main")
    _commit(project, "a.py", "x = 1\n")
    _git(project, "checkout", "-qb", "side")
    _commit(project, "side.py", f'K = "{AWS}"\n')
    _git(project, "rm", "-q", "side.py")
    _commit(project, "b.py", "y = 1\n")
    _git(project, "checkout", "-q", "main")
    _commit(project, "a.py", "x = 2\n")
    _git(project, "merge", "-q", "--no-ff", "--no-commit", "side")
    _commit(project, "b.py", f'y = 1\nK = "{AWS[::-1][:-4]}{AWS}"\nx = "{AWS}"\n')
    _git(project, "branch", "-d", "side")
    _commit(project, "b.py", "")
    found = project.section("secrets", "--history")["problems"]
    assert sorted(text.split(" (")[0] for text in found) == ["b.py:3: aws-key", "side.py:1: aws-key"]


@pytest.mark.parametrize(
    ("path", "content", "place"),
    [
        ("a.txt", f"one\r\ntwo {AWS}\r\n".encode("utf-16"), "a.txt:2"),
        ("a.txt", f"one\ntwo {AWS}\n".encode("utf-16-be"), "a.txt:2"),
        ("a.diff", f"x\n++ {AWS}\n", "a.diff:2"),
        ("a b.txt", f"{AWS}\n", "a b.txt:1"),
        ('q"\t.txt', f"{AWS}\n", 'q"\t.txt:1'),
        (f"dir_{AWS}/a.txt", "x\n", "dir_[REDACTED:aws-key]/a.txt:0"),
    ],
)
def test_history_of_any_file(project: Project, path: str, content: str | bytes, place: str) -> None:
    """Whatever its encoding, its lines and its name are like."""
    _git(project, "init", "-q")
    _commit(project, path, content)
    _git(project, "rm", "-q", path)
    _git(project, "commit", "-qm", "y")
    (found,) = project.section("secrets", "--history")["problems"]
    assert found.startswith(f"{place}: aws-key (commit ")


@pytest.mark.parametrize("flag", ["--history", "--update-baseline"])
def test_what_only_the_scan_does(project: Project, flag: str) -> None:
    """Without the scan it is refused."""
    project.configure("preflight")
    answer = project.validate(flag)
    assert (answer.code, flag in answer.err) == (64, True)


def test_names_of_files(project: Project) -> None:
    """Are told, recorded and known without the secret in them."""
    project.write(f"dir_{AWS}/a.txt", "x\n")
    assert project.section("secrets")["problems"] == ["dir_[REDACTED:aws-key]/a.txt:0: aws-key"]
    assert AWS not in project.everything_written()
    assert project.section("secrets", "--update-baseline")["ok"]
    assert AWS not in (project.root / ".secrets.baseline").read_text(encoding="utf-8")
    assert project.section("secrets")["problems"] == []


def test_history_without_git(project: Project) -> None:
    """What cannot be looked through is no pass."""
    assert not project.section("secrets", "--history")["ok"]


def test_a_second_opinion_that_is_not_installed(project: Project) -> None:
    """Asked for by name it is missed, asked for if possible it is said."""
    project.env(PATH="/nowhere")
    project.configure("secrets", secrets={"second_opinion": "gitleaks"})
    assert project.section("secrets")["exit_code"] == 5
