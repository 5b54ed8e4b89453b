#!/usr/bin/env bash
# Sign-in codes, tested with curl alone. Needs a gateway: `gateway serve --store memory`.
set -euo pipefail

GATEWAY=${GATEWAY_URL:-http://127.0.0.1:4650}
ANSWER=$(mktemp)
trap 'rm -f "$ANSWER"' EXIT

# ask METHOD PATH [JSON]: the status; the body is in $ANSWER.
ask() {
  curl -s -o "$ANSWER" -w '%{http_code}' -X "$1" "$GATEWAY$2" \
    ${GATEWAY_TOKEN:+-H "Authorization: Bearer $GATEWAY_TOKEN"} ${3:+-H 'Content-Type: application/json' -d "$3"}
}

# text KEY: a text of the last answer.
text() {
  sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$ANSWER"
}

# expect WHAT WANTED GOT
expect() {
  if [ "$2" != "$3" ]; then
    echo "not ok: $1: $3 instead of $2" >&2
    cat "$ANSWER" >&2
    exit 1
  fi
  echo "ok: $1"
}

# A number that nobody used before, without the +, as Logto's API has them.
fresh() {
  ask POST /api/recipients '{"channel": "sms"}' > /dev/null
  text digits
}

# check PHONE CODE: the status; says which error it is in $ANSWER.
check() {
  ask POST /api/verification-codes/verify "{\"phone\": \"$1\", \"verificationCode\": \"$2\"}"
}

PHONE=$(fresh)
expect 'a code is requested' 204 "$(ask POST /api/verification-codes "{\"phone\": \"$PHONE\"}")"
CODE=$(ask POST "/api/codes/$PHONE?timeout=10" > /dev/null; cat "$ANSWER")

expect 'a wrong code is refused' 400 "$(check "$PHONE" wrong)"
expect '... by its name' verification_code.code_mismatch "$(text code)"
expect 'the right code is right' 204 "$(check "$PHONE" "$CODE")"
expect 'the same code again is refused' 400 "$(check "$PHONE" "$CODE")"
expect '... by its name' verification_code.not_found "$(text code)"

PHONE=$(fresh)
ask POST /api/verification-codes "{\"phone\": \"$PHONE\"}" > /dev/null
CODE=$(ask POST "/api/codes/$PHONE?timeout=10" > /dev/null; cat "$ANSWER")
ask POST /api/clock '{"advance": 601}' > /dev/null
expect 'after ten minutes it is too late' 400 "$(check "$PHONE" "$CODE")"
expect '... by its name' verification_code.expired "$(text code)"
ask POST /api/clock '{"reset": true}' > /dev/null

PHONE=$(fresh)
ask POST /api/faults "{\"to\": \"$PHONE\", \"error\": \"isv.BUSINESS_LIMIT_CONTROL\", \"count\": 1}" > /dev/null
expect 'a limit of the provider is told' 429 "$(ask POST /api/verification-codes "{\"phone\": \"$PHONE\"}")"
expect '... in its own words' isv.BUSINESS_LIMIT_CONTROL "$(text providerCode)"
expect 'the next one goes out' 204 "$(ask POST /api/verification-codes "{\"phone\": \"$PHONE\"}")"
