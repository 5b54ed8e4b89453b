"""The table of errors in docs/aliyun-sms.md, made from the one that driver and fake share.

``python -m tests.providers.aliyun_sms.error_table`` prints it, to be pasted between the markers.
"""

from __future__ import annotations

from gateway.providers.aliyun_sms.wire.errors import ERRORS

BEGIN, END = "<!-- errors: begin -->", "<!-- errors: end -->"


def rendered() -> str:
    lines = ["| code | HTTP | message | our driver says |", "|---|---|---|---|"]
    for code, row in ERRORS.items():
        message = row.message.replace("<", "&lt;").replace("|", "\\|")
        sent = ", maybe sent" if row.means.maybe_sent else ""
        lines.append(f"| `{code}` | {row.status} | {message} | `{row.means.reason}`{sent} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(rendered(), end="")
