"""The rule table: every kind of secret that is hidden without being configured."""

from __future__ import annotations

import re

from soakctl.redact import address, arguments, assign, pem, tokens
from soakctl.redact.rule import Judge, Rule, ShapeRule, Tier, whole

# No letter or digit before, or an escape (`\\n`, `%20`) that ends in one; none after. `_` and `-` join it to a name.
_B = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f][0-9A-Fa-f])|(?<=\\[nrt]))"
_E = r"(?![A-Za-z0-9])"


def _token(name: str, gates: str, pattern: str) -> Rule:
    return Rule(name, tuple(gates.split()), _B + pattern)


def _named(
    name: str, gates: tuple[str, ...], pattern: str, judge: Judge = whole, tier: Tier = Tier.CONTEXT, *, ahead: str = ""
) -> Rule:
    return Rule(name, gates, pattern, tier, judge, ahead, re.IGNORECASE)


# Every one of these holds at least RUN letters, digits, _ and - in a row.
RUN = 20
TOKENS: tuple[Rule, ...] = (
    _token("aws-key", "AKIA ASIA ABIA ACCA", r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}" + _E),
    _token("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{30,255}"),
    _token("github-token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,255}"),
    _token("gitlab-token", "glpat- gldt- glrt- glptt- glcbt-", r"gl[a-z]{2,3}-[\w-]{20,255}"),
    _token("slack-token", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xapp-", r"x[a-z]{3}-[\w.%-]{16,255}"),
    _token("slack-webhook", "hooks.slack.com/", r"hooks\.slack\.com/\w{1,20}/(?P<s>[\w/]{20,255})"),
    _token(
        "discord-webhook",
        "discord.com/api/ discordapp.com/api/",
        r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/(?P<s>\d{5,25}/[\w-]{20,255})",
    ),
    _token(
        "stripe-key",
        "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
        r"(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9+/=]{14,255}",
    ),
    Rule("openai-key", ("sk-",), r"(?<![A-Za-z0-9])sk-[\w-]{20,255}", judge=tokens.looks_random),
    _token("google-key", "AIza", r"AIza[\w-]{35}(?![\w-])"),
    _token("google-token", "ya29. GOCSPX-", r"(?:ya29\.|GOCSPX-)[\w-]{20,2048}"),
    _token("npm-token", "npm_", r"npm_[A-Za-z0-9]{36}" + _E),
    _token("pypi-token", "pypi-AgE", r"pypi-AgE[\w-]{40,1024}"),
    _token("huggingface-token", "hf_", r"hf_[A-Za-z0-9]{30,64}" + _E),
    _token("sendgrid-key", "SG.", r"SG\.[\w-]{16,64}\.[\w-]{16,64}"),
    _token("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[a-f0-9]{64}" + _E),
    _token("shopify-token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}" + _E),
    _token("vault-token", "hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{20,512}"),
    _token("docker-token", "dckr_pat_", r"dckr_pat_[\w-]{20,255}"),
    _token("grafana-token", "glsa_ glc_", r"gl(?:sa|c)_[A-Za-z0-9_+/=]{20,512}"),
    _token("databricks-token", "dapi", r"dapi[a-f0-9]{32}(?:-\d)?" + _E),
    _token("twilio-key", "SK", r"SK[a-f0-9]{32}" + _E),
    _token("brevo-key", "xkeysib-", r"xkeysib-[a-f0-9]{16,128}-[A-Za-z0-9]{6,64}"),
    _token("square-token", "sq0atp- sq0csp- sq0idp-", r"sq0[a-z]{3}-[\w-]{20,64}"),
    _token("postman-key", "PMAK-", r"PMAK-[a-f0-9]{20,64}-[a-f0-9]{20,64}" + _E),
    _token("linear-key", "lin_api_", r"lin_api_[A-Za-z0-9]{30,64}" + _E),
    _token("planetscale-token", "pscale_", r"pscale_(?:tkn|pw|oauth)_[\w-]{20,128}"),
    _token("atlassian-token", "ATATT3 ATCTT3", r"AT[AC]TT3[\w=-]{30,512}"),
    _token("age-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}" + _E),
    Rule("mailgun-key", ("key-",), _B + r"key-[a-z0-9]{32}" + _E, judge=tokens.looks_random),
    Rule("telegram-token", (":AA",), r"(?<=\d{6}):(?P<s>AA[\w-]{33})(?![\w-])"),
    # Three parts are a signed token, five an encrypted one.
    Rule("jwt", ("eyJ",), r"(?<![A-Za-z0-9])eyJ[\w-]{10,8192}\.[\w-]{4,16384}(?:\.[\w-]{0,16384}){1,3}"),
)

# Parts of names, chosen to begin with letters that are rare in logs: the search stops only at those.
_NAME_PARTS = (
    "key ken kie cret cred pass pw phrase uth sess srf jwt mnemonic "  # token, cookie, secret, auth, csrf, …
    "pin= pin: pin\" pin' otp= otp: otp\" otp' pin_code pincode otp_code otpcode "
    "derid der_id der-id derlink der_link der-link did d_id"  # orderId, order_link_id, clOrdId, …
)
_HOST = r"(?=[^\s@\"'<>()=,;:&|])"

# Seen in any case; the gates are in lower case.
KEY = _named("key", (*_NAME_PARTS.split(), "der id"), assign.NAME_TAIL, assign.judge)
NAMED: tuple[Rule, ...] = (
    KEY,
    _named("bearer", ("bearer ",), r"bearer[ ]{1,4}(?P<s>[\w.~+/=-]{8,8192})", tokens.bearer),
    _named(
        "bearer",
        ("bearer:", "bearer=", 'bearer"', "bearer'"),
        r"bearer[\"']?[ ]?[:=][ ]{0,2}[\"']?(?P<s>[\w.~+/=-]{8,8192})",
        tokens.bearer,
    ),
    _named("basic-auth", ("basic ",), r"basic[ ]{1,4}(?P<s>[\w+/=-]{6,4096})", tokens.basic),
    _named(
        "url-signature", ("signature=", "sign=", "sig="), r"(?<=[?&;-])sig(?:n(?:ature)?)?=(?P<s>[\w%+/=.~-]{16,1024})"
    ),
    _named("signature", ("sign:", "signature:", 'sign"', 'signature"', "sign'", "signature'"), tokens.SIGN_HEADER),
    _named(
        "auth", ("code=",), r"(?<=[?&])code=(?P<s>(?=[\w%.~-]{0,64}\d)(?=[^A-Za-z&]{0,64}[A-Za-z])[\w%/.~-]{20,512})"
    ),
    _named(
        "discord-token",
        ("discord",),
        r"discord.{0,80}?(?<![\w.-])(?P<s>[MNO][\w-]{22,28}\.[\w-]{6}\.[\w-]{27,40})(?![\w.])",
    ),
    _named(
        "password",
        ("curl ",),
        r"curl[ ].{0,500}?(?<=[ ])(?:-u|--user|--proxy-user)[ =]{1,4}[\"']?[^\s\"':]{1,128}:(?P<s>[^\s\"']{1,256})",
        tokens.argument,
    ),
    _named(
        "password",
        ("docker login ", "sshpass ", "dis-cli ", *(f"{program} " for program in arguments.MYSQL)),
        rf"(?:(?:docker[ ]login|sshpass|dis-cli)[ ].{{0,200}}?(?<=[ ])(?-i:-[pa])[ ]?"
        rf"|(?:{'|'.join(arguments.MYSQL)})[ ].{{0,200}}?(?<=[ ])(?-i:-p))"
        r"[\"']?(?P<s>[^\s\"'-][^\s\"']{0,255})",
        tokens.argument,
    ),
    _named(
        "password",
        ("d by '", 'd by "', "d by password '"),
        r"(?<=identifie)d[ ]by[ ](?:password[ ])?(?P<q>[\"'])(?P<s>(?:(?!(?P=q))[^\\\r\n]|\\.|(?P=q){2}){1,256})(?P=q)",
        tokens.argument,
    ),
    _named("order-id", ("der #",), r"(?<=\bor)der[ ]#(?P<s>(?=[A-Za-z-]{0,64}\d)[\w-]{4,64})"),
    _named("order-id", ("der(id=",), r"(?<=or)der\(id=[\"']?(?P<s>(?=[A-Za-z-]{0,64}\d)[\w-]{3,64})"),
    _named("private-key", ("private key-----", "private key block-----"), pem.HEADER_END, pem.one_line, Tier.CERTAIN),
    _named(
        "url-credentials",
        ("jdbc:oracle:",),
        r"jdbc:oracle:\w{2,8}:[\w$#]{1,64}/(?P<s>[^\s@\"']{1,128})@//",
        tokens.argument,
    ),
    _named("url-credentials", ("@",), address.USERINFO, address.userinfo, ahead=_HOST),
    _named("email", ("@", "%40"), address.EMAIL, address.email, Tier.PERSONAL, ahead=_HOST),
)

IPV4 = ShapeRule("ip", address.IPV4_SHAPE, address.IPV4, address.ipv4)
SHAPES: tuple[ShapeRule, ...] = (
    IPV4,
    ShapeRule("ip", address.IPV6_SHAPE, address.IPV6, address.ipv6),
)
