"""The sign-in page as HTML. The only hand-written markup of the app; everything is escaped."""

from __future__ import annotations

from html import escape

from orderhouse.terms import terms_for

STYLE = """
:root{color-scheme:light dark;--bg:#f5f7f8;--card:#fff;--ink:#14232b;--soft:#5b6b74;--line:#d8e0e4;
--brand:#0f766e;--bad:#b42318;--badbg:#fef3f2}
@media (prefers-color-scheme:dark){:root{--bg:#0d1517;--card:#131e21;--ink:#e6eef0;--soft:#93a5ab;
--line:#26363b;--brand:#2dd4bf;--bad:#fda29b;--badbg:#2a1614}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",
sans-serif}
main{width:min(400px,92vw);background:var(--card);border:1px solid var(--line);border-radius:14px;
padding:36px 32px}
.mark{display:flex;align-items:center;gap:10px;font-weight:700;font-size:20px;margin-bottom:4px}
.mark svg{width:30px;height:30px;color:var(--brand)}
p.lead{margin:0 0 22px;color:var(--soft);font-size:14px}
label{display:block;font-size:14px;margin:14px 0 6px}
input{width:100%;padding:11px 12px;border:1px solid var(--line);border-radius:8px;
background:var(--bg);color:var(--ink);font:inherit}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--brand);
outline-offset:1px}
button{width:100%;margin-top:22px;padding:12px;border:0;border-radius:8px;background:var(--brand);
color:#fff;font:inherit;font-weight:600;cursor:pointer}
@media (prefers-color-scheme:dark){button{color:#06201d}}
.bad{background:var(--badbg);color:var(--bad);border-radius:8px;padding:10px 12px;font-size:14px;
margin:0 0 6px}
.languages{margin-top:22px;text-align:center;font-size:14px;color:var(--soft)}
.languages a{color:var(--brand);text-decoration:none}
"""

MARK = (
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" '
    'stroke-linejoin="round" aria-hidden="true"><path d="M3 8.5 12 3l9 5.5v8L12 22l-9-5.5z"/>'
    '<path d="m3 8.5 9 5.5 9-5.5M12 14v8"/></svg>'
)


def sign_in_page(language: str, *, form_token: str, after: str, error: str | None) -> str:
    """The form. `form_token` also stands in a cookie: a form posted from elsewhere lacks it."""
    t = terms_for(language)
    other = "en" if language == "zh" else "zh"
    problem = f'<p class="bad" role="alert">{escape(t(error))}</p>' if error else ""
    switch = f"/auth/login?lang={other}&amp;next={escape(after, quote=True)}"
    return f"""<!doctype html>
<html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{escape(t("login.title"))} · Orderhouse</title><style>{STYLE}</style></head>
<body><main><div class="mark">{MARK}<span>Orderhouse</span></div>
<p class="lead">{escape(t("login.lead"))}</p>{problem}
<form method="post" action="/auth/login" autocomplete="on">
<input type="hidden" name="form" value="{escape(form_token, quote=True)}">
<input type="hidden" name="next" value="{escape(after, quote=True)}">
<input type="hidden" name="lang" value="{language}">
<label for="login">{escape(t("login.name"))}</label>
<input id="login" name="login" required autofocus autocomplete="username" maxlength="80"
 spellcheck="false" autocapitalize="none">
<label for="password">{escape(t("login.password"))}</label>
<input id="password" name="password" type="password" required autocomplete="current-password"
 maxlength="128">
<button type="submit">{escape(t("login.submit"))}</button></form>
<div class="languages"><a href="{switch}" hreflang="{other}" lang="{other}">
{"English" if other == "en" else "中文"}</a></div></main></body></html>"""
