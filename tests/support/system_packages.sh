#!/usr/bin/env bash
# What the tests need beside Python: a Chromium, a PostgreSQL server, a Chinese font. Debian names.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
fc-list 2>/dev/null | grep -qiE "noto.*cjk|wqy" || missing+=(fontconfig fonts-wqy-microhei)
[ ${#missing[@]} -eq 0 ] && exit 0
echo "==> Installing with apt: ${missing[*]}"
run=""
[ "$(id -u)" = 0 ] || run="sudo"
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq "${missing[@]}" >/dev/null
