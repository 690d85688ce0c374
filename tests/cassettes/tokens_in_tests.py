"""Tokens for tests: put together here, so that no scanner of repositories takes one for somebody's."""

from __future__ import annotations

_FILLER = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g3H4i5J6k7L8m9N0o1P2q3R4s5T6u7V8w9X0y1Z2a3B4"
_HEX = "0123456789abcdef0123456789abcdef0123456789abcdef"

TOKENS = {
    "GitHub": ["ghp_" + _FILLER[:36], "gho_" + _FILLER[:36], "github_pat_" + _FILLER[:22] + "_" + _FILLER[:59]],
    "GitLab": ["glpat-" + _FILLER[:20], "glptt-" + _HEX[:40]],
    "Stripe": ["sk_live_" + _FILLER[:24], "rk_test_" + _FILLER[:24], "whsec_" + _FILLER[:32]],
    "Slack": ["xoxb-123456789012-1234567890123-" + _FILLER[:24], "xoxp-1234567890-" + _FILLER[:24]],
    "Google": ["AIza" + _FILLER[:35], "ya29." + _FILLER[:60], "GOCSPX-" + _FILLER[:28], "1//0" + _FILLER[:40]],
    "Amazon": ["AKIA" + "ABCDEFGH23456789", "ASIA" + "ABCDEFGH23456789"],
    "OpenAI": ["sk-" + _FILLER[:48], "sk-proj-" + _FILLER[:48], "sk-ant-api03-" + _FILLER[:80]],
    "JWT": [
        "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0." + _FILLER[:43],
        "eyJhbGciOiJub25lIn0" + ".eyJzdWIiOiIxMjM0In0.",
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0" + ".." + _FILLER[:16] + "." + _FILLER[:20] + "." + _FILLER[:22],
    ],
    "npm": ["npm_" + _FILLER[:36]],
    "PyPI": ["pypi-" + "AgEIcHlwaS5vcmc" + _FILLER[:60]],
    "Docker": ["dckr_pat_" + _FILLER[:27]],
    "Vault": ["hvs." + _FILLER[:90]],
    "SendGrid": ["SG." + _FILLER[:22] + "." + _FILLER[:43]],
    "Twilio": ["SK" + _HEX[:32]],
    "Mailgun": ["key-" + _HEX[:32]],
    "Shopify": ["shpat_" + _HEX[:32]],
    "Hugging Face": ["hf_" + _FILLER[:34]],
    "DigitalOcean": ["dop_v1_" + _HEX[:48] + _HEX[:16]],
    "Atlassian": ["ATATT3" + _FILLER[:60] + "=A1B2"],
}
"""Some of each service, in the form that it gives them."""

ALL = [token for tokens in TOKENS.values() for token in tokens]

HOOKS = {
    "Slack": ("https://hooks.slack.com/services/T0123ABCD/B0123ABCD/", _FILLER[:24]),
    "Discord": ("https://discord.com/api/webhooks/123456789012345678/", _FILLER[:68]),
    "Teams": (f"https://a.webhook.office.com/webhookb2/1-2@3/IncomingWebhook/{_HEX[:32]}/", _HEX[:36]),
    "Telegram": ("https://api.telegram.org/bot123456789:", _FILLER[:35]),
}
"""URLs of webhooks: what is public of each, and the secret after it."""
