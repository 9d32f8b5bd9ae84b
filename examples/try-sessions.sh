#!/usr/bin/env bash
# Asks a user pool of yours what AWS does not document about sessions. docs/sessions.md says why, and explains the questions.
set -euo pipefail

usage() {
  cat << 'END'
Asks a user pool what AWS does not document about sessions, with the AWS CLI. It prints each question, the operations that
it called, and the answer. It never prints a token.

  try-sessions.sh --new-pool
      Creates a user pool, tries everything in it, and deletes it.
      --classic-pages     its sign-in pages are the classic hosted UI, and not managed login
      --updated-issuer    its tokens have the newer issuer, https://issuer-cognito-idp...
      --keep              does not delete the pool

  try-sessions.sh --change-pool ID --client-id ID --user NAME --password-file FILE
      Uses an existing pool that only you use: it changes the pool's session settings (and sets them back), ends all
      sessions of the user, and disables the user. The app client has no secret, allows ALLOW_USER_PASSWORD_AUTH and
      ALLOW_REFRESH_TOKEN_AUTH, and has token revocation on.
      --domain URL        the pool's domain, such as https://example.auth.eu-central-1.amazoncognito.com
      --callback URL      with --browser: an allowed callback URL and sign-out URL of the app client

For both:
      --browser           asks also what only a person at a browser can see; some ten minutes
      --wait SECONDS      how long to wait for something that happens late [default: 10]
      --region, --profile, --endpoint-url     as for the AWS CLI

It needs curl, and an AWS CLI that knows the operation list-user-sessions (November 2026 or later).
END
}

fail() {
  echo "try-sessions.sh: $*" >&2
  exit 1
}

# ---- the command line

pool='' client='' user='' password_file='' domain='' callback='' region='' wait=10
new='' keep='' browser='' login_version=2 issuer=''
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --new-pool) new=yes ;;
    --keep) keep=yes ;;
    --browser) browser=yes ;;
    --classic-pages) login_version=1 ;;
    --updated-issuer) issuer=UPDATED ;;
    --help | -h) usage && exit ;;
    --change-pool | --client-id | --user | --password-file | --domain | --callback | --wait | --region | --profile | --endpoint-url)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --change-pool) pool=$2 ;;
        --client-id) client=$2 ;;
        --user) user=$2 ;;
        --password-file) password_file=$2 ;;
        --domain) domain=${2%/} ;;
        --callback) callback=$2 ;;
        --wait) wait=$2 ;;
        --region) region=$2 ;;
        *) options+=("$1" "$2") ;;
      esac
      shift
      ;;
    *) usage >&2 && fail "unknown option: $1" ;;
  esac
  shift
done
if [ -n "$new" ]; then
  [ -z "$pool$client$user$password_file$domain$callback" ] || fail "--new-pool creates all that it needs: name no other pool"
  user=try callback=http://localhost:8765/
  region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}}
  [ -n "$region" ] || fail "in which Region? Give --region"
else
  [ -n "$pool" ] || { usage >&2 && fail "give --new-pool or --change-pool ID"; }
  case "${client:+1}${user:+2}${password_file:+3}" in
    123) ;;
    *) fail "--change-pool needs --client-id, --user and --password-file" ;;
  esac
  [ -z "$browser" ] || { [ -n "$domain" ] && [ -n "$callback" ]; } || fail "--browser needs --domain and --callback"
  region=${region:-${pool%%_*}}
fi

# ---- what it needs

command -v aws > /dev/null || fail "needs the AWS CLI: https://docs.aws.amazon.com/cli/"
command -v curl > /dev/null || fail "needs curl"
export AWS_PAGER=''
{ aws cognito-idp list-user-sessions --generate-cli-skeleton > /dev/null &&
  aws cognito-idp revoke-token --generate-cli-skeleton | grep RevokeAssociatedSessions > /dev/null; } 2> /dev/null || fail "this AWS CLI does not know \
list-user-sessions: $(aws --version 2>&1). Update it. Or install Python's botocore, 1.44.1 or later, and set AWS_DATA_PATH to \
its folder botocore/data"

umask 077
dir=$(mktemp -d)
made_pool='' made_domain='' tracking_before='' maximum_before=''

# Deletes or sets back all that this run has changed.
clean_up() {
  local status=$?
  if [ -n "$made_pool" ] && [ -n "$keep" ]; then
    echo "The user pool $made_pool is still there."
  elif [ -n "$made_pool" ]; then
    if [ -n "$made_domain" ]; then
      call delete-user-pool-domain --user-pool-id "$made_pool" --domain "$made_domain"
      [ "$answer" = accepted ] || echo "delete the domain $made_domain yourself: $answer" >&2
    fi
    call delete-user-pool --user-pool-id "$made_pool"
    [ "$answer" = accepted ] || echo "delete the user pool $made_pool yourself: $answer" >&2
  elif [ -n "$tracking_before" ]; then
    set_tracking "$tracking_before" "$maximum_before"
    [ "$answer" = accepted ] || echo "set the session settings of $pool back yourself, to $tracking_before and $maximum_before: $answer" >&2
  fi
  rm -rf "$dir"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- requests, questions and answers

answer='' did=''

# Whatever looks like a token is not printed.
redacted() {
  tr '\n' ' ' | sed -e 's/[A-Za-z0-9_=.+/-]\{60,\}/<redacted>/g' -e 's/  */ /g' -e 's/^ //' -e 's/ $//'
}

note() {
  case "; $did" in
    *"; $1") ;;
    *) did="${did:+$did; }$1" ;;
  esac
}

# call OPERATION ARGUMENT...: one operation of the user pools API. $answer says what became of it; its output is in $dir/out.
# A token is an argument file://..., so that no list of processes shows it.
call() {
  case "$*" in
    *LINKED*) note "$1 with LINKED" ;;
    *) note "$1" ;;
  esac
  if aws cognito-idp "$@" --region "$region" ${options[@]+"${options[@]}"} --output text > "$dir/out" 2> "$dir/err"; then
    answer=accepted
  else
    answer=$(sed -n 's/.*An error occurred (\([^)]*\)).*operation\( (reached[^)]*)\)\{0,1\}: *\(.*\)/\1: \3/p' "$dir/err" | redacted)
    [ -n "$answer" ] || answer="no response: $(redacted < "$dir/err")"
  fi
}

# As call, for what the rest depends on.
must() {
  call "$@"
  [ "$answer" = accepted ] || fail "$1: $answer"
}

# post PATH FIELD...: a form for the pool's domain. A field is name=value, or name@file.
post() {
  local path=$1 status
  shift
  note "POST $path"
  : > "$dir/out"
  local fields=()
  for field in "$@"; do fields+=(--data-urlencode "$field"); done
  status=$(curl --silent --max-time 20 --output "$dir/out" --write-out '%{http_code}' "${fields[@]}" "$domain$path") || true
  answer="HTTP $status"
  [ "$status" = 200 ] || answer="$answer $(redacted < "$dir/out" | cut -c 1-200)"
}

question() {
  did=''
  printf '\n%-3s %s\n' "$1" "$2"
}

# reply TEXT: what came of the operations since the last reply.
reply() {
  printf '    did     %s\n    answer  %s\n' "$did" "$1"
  did=''
}

# ---- sessions

# keep_tokens NAME ACCESS ID REFRESH: in files $dir/NAME.access and so on.
keep_tokens() {
  printf %s "$2" > "$dir/$1.access"
  printf %s "$3" > "$dir/$1.id"
  printf %s "$4" > "$dir/$1.refresh"
}

# A password or token as JSON: both are in the file $2.
parameters() {
  case $1 in
    password) printf '{"USERNAME": "%s", "PASSWORD": "%s"}' "$user" "$(cat "$2")" ;;
    refresh) printf '{"REFRESH_TOKEN": "%s"}' "$(cat "$2")" ;;
  esac > "$dir/parameters"
}

# sign_in NAME: by the API, so without a session in a browser.
sign_in() {
  local access id refresh
  parameters password "$dir/password"
  must initiate-auth --client-id "$client" --auth-flow USER_PASSWORD_AUTH --auth-parameters "file://$dir/parameters" \
    --query 'AuthenticationResult.[AccessToken,IdToken,RefreshToken]'
  read -r access id refresh < "$dir/out"
  case $access in
    ey*) ;;
    *) fail "the sign-in returned no tokens: the user must be able to sign in with a password alone" ;;
  esac
  keep_tokens "$1" "$access" "$id" "$refresh"
}

refresh() {
  parameters refresh "$dir/$1.refresh"
  call initiate-auth --client-id "$client" --auth-flow REFRESH_TOKEN_AUTH --auth-parameters "file://$dir/parameters" --query TokenType
}

revoke() {
  call revoke-token --client-id "$client" --token "file://$dir/$1.refresh" ${2:+--revoke-associated-sessions "$2"}
}

list() {
  call list-user-sessions --access-token "file://$dir/$1.access" --query 'Sessions[?IsCurrentSession].[SessionId,OriginSessionId]'
}

end() {
  call revoke-user-session --access-token "file://$dir/$1.access" --session-id "$2" ${3:+--revoke-associated-sessions "$3"}
}

get_user() {
  call get-user --access-token "file://$dir/$1.access" --query Username
}

# ids_of NAME: waits until the session is listed. Sets $own, and $sso, which is None for a sign-in by the API.
ids_of() {
  local start=$SECONDS
  own='' sso=''
  while :; do
    list "$1"
    read -r own sso < "$dir/out" || true
    case $own in tkn*) return ;; esac
    [ $((SECONDS - start)) -lt "$wait" ] || fail "the session of a sign-in is not listed after $wait s: $answer"
    sleep 1
  done
}

# fate_of SESSION_ID: whether the administrator's list still has it, and for how many seconds it had. In $fate.
fate_of() {
  local start=$SECONDS waited
  while :; do
    call admin-list-user-sessions --user-pool-id "$pool" --username "$user" --query "Sessions[?SessionId=='$1'].[SessionId]"
    waited=$((SECONDS - start))
    [ "$answer" = accepted ] || { fate=$answer && return; }
    grep -q "$1" "$dir/out" || { fate="not listed after $waited s" && return; }
    [ "$waited" -lt "$wait" ] || { fate="still listed after $waited s" && return; }
    sleep 1
  done
}

# fates: of $own and $sso.
fates() {
  fate_of "$own"
  local all="token session: $fate"
  case $sso in
    sso*) fate_of "$sso" && all="$all; SSO session: $fate" ;;
  esac
  fate=$all
}

set_tracking() {
  call set-user-pool-session-configuration --user-pool-id "$pool" --user-session-tracking "$1" --token-session "MaxPerUser=$2"
}

# claims FILE: the names of a token's claims, one a line, without their values.
claims() {
  payload "$1" | grep -o '"[^"]*" *:' | sed 's/^"//; s/" *:$//' | LC_ALL=C sort -u
}

payload() {
  local text
  text=$(cut -d . -f 2 < "$1" | tr '_-' '/+')
  while [ $((${#text} % 4)) -ne 0 ]; do text="$text="; done
  printf %s "$text" | base64 --decode
}

# ---- the pool

if [ -n "$new" ]; then
  name=try-sessions-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
  must create-user-pool --pool-name "$name" --user-pool-tier ESSENTIALS ${issuer:+--issuer-configuration "Type=$issuer"} --query UserPool.Id
  made_pool=$(cat "$dir/out")
  pool=$made_pool
  echo "Created the user pool $pool ($name)."
  # In a file, because the AWS CLI 1 opens a URL that is an argument.
  printf '["%s"]' "$callback" > "$dir/urls"
  must create-user-pool-client --user-pool-id "$pool" --client-name "$name" \
    --explicit-auth-flows ALLOW_USER_PASSWORD_AUTH ALLOW_REFRESH_TOKEN_AUTH --enable-token-revocation \
    --supported-identity-providers COGNITO --allowed-o-auth-flows-user-pool-client --allowed-o-auth-flows code \
    --allowed-o-auth-scopes openid aws.cognito.signin.user.admin --callback-urls "file://$dir/urls" --logout-urls "file://$dir/urls" \
    --query UserPoolClient.ClientId
  client=$(cat "$dir/out")
  printf 'Aa1!%s' "$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')" > "$dir/password"
  must admin-create-user --user-pool-id "$pool" --username "$user" --message-action SUPPRESS
  must admin-set-user-password --user-pool-id "$pool" --username "$user" --password "file://$dir/password" --permanent
  must create-user-pool-domain --user-pool-id "$pool" --domain "$name" --managed-login-version "$login_version"
  made_domain=$name
  domain=https://$name.auth.$region.amazoncognito.com
  [ "$login_version" = 1 ] || must create-managed-login-branding --user-pool-id "$pool" --client-id "$client" --use-cognito-provided-values
else
  tr -d '\r\n' < "$password_file" > "$dir/password"
  case $user$(cat "$dir/password") in
    *[\"\\]*) fail "the user name or password has a quotation mark or a backslash: use another user" ;;
  esac
fi
call get-user-pool-session-configuration --user-pool-id "$pool" --query '[UserSessionTracking,TokenSession.MaxPerUser]'
[ "$answer" = accepted ] || fail "the session settings of $pool cannot be read: $answer"
read -r tracking_before maximum_before < "$dir/out"
echo "User pool $pool, app client $client, $(aws --version 2>&1 | cut -d ' ' -f 1), $(date -u +%Y-%m-%d)."
echo "Session tracking was $tracking_before, MaxPerUser $maximum_before."

# ---- without tracking

set_tracking DISABLED 20
[ "$answer" = accepted ] || fail "session tracking cannot be turned off: $answer"
sign_in off
sign_in before
claims "$dir/off.access" > "$dir/off.access.claims"
claims "$dir/off.id" > "$dir/off.id.claims"

question c1 "RevokeToken with LINKED, without session tracking"
revoke off LINKED
reply "$answer"
refresh off
reply "the refresh token afterwards: $answer"

question d1 "The user's operations without session tracking"
list before
reply "$answer"
end before "tkn$(printf '%025d' 0)"
reply "$answer"

question d2 "The administrator's operation without session tracking"
call admin-list-user-sessions --user-pool-id "$pool" --username "$user" --query 'length(Sessions)'
reply "$answer"

# ---- with tracking

set_tracking ENABLED 20
[ "$answer" = accepted ] || fail "session tracking cannot be turned on (it needs the tier Essentials or Plus): $answer"
sign_in on

question a1 "Claims that tokens have only with, or only without session tracking"
for kind in access id; do
  claims "$dir/on.$kind" > "$dir/on.$kind.claims"
  only_with=$(LC_ALL=C comm -13 "$dir/off.$kind.claims" "$dir/on.$kind.claims" | redacted)
  only_without=$(LC_ALL=C comm -23 "$dir/off.$kind.claims" "$dir/on.$kind.claims" | redacted)
  note "initiate-auth"
  reply "$kind token: only with: ${only_with:-none}; only without: ${only_without:-none}"
done

question a2 "A session that began before tracking was turned on"
list before
grep '^tkn' "$dir/out" > "$dir/entry" && entry="is listed" || entry="is not listed"
reply "ListUserSessions with its access token: $answer; the session $entry"
revoke before LINKED
reply "RevokeToken with LINKED: $answer"

question i1 "The issuer of the tokens"
note "initiate-auth"
reply "$(payload "$dir/on.access" | sed 's/.*"iss" *: *"\([^"]*\)".*/\1/')"

question c2 "RevokeToken with LINKED, for a sign-in by the API"
ids_of on
reply "the session has the origin $sso"
revoke on LINKED
linked=$answer
fates
reply "$linked; $fate"

question c3 "The same request again"
revoke on LINKED
reply "$answer"

question c4 "RevokeToken with LINKED, with a text that is no token"
printf garbage > "$dir/garbage.refresh"
revoke garbage LINKED
reply "$answer"

question d3 "RevokeUserSession for one's own session"
sign_in own
ids_of own
did=''
end own "$own"
reply "$answer"
get_user own
reply "the access token afterwards: $answer"

question d4 "RevokeUserSession for another session of the user"
sign_in other
ids_of other
did=''
end own "$own"
ended=$answer
fates
reply "$ended; $fate"
get_user other
reply "its access token: $answer"
refresh other
reply "its refresh token: $answer"
revoke other
reply "RevokeToken of it: $answer"
end own "$own"
reply "the same request again: $answer"

question d5 "RevokeUserSession for ids that no session has"
end own "tkn$(printf '%025d' 0)"
reply "well-formed: $answer"
end own "tkn$(printf '%025d' 0 | tr 0 -)"
reply "malformed: $answer"

question e1 "Sessions after GlobalSignOut"
sign_in global
ids_of global
did=''
call global-sign-out --access-token "file://$dir/global.access"
ended=$answer
fates
reply "$ended; $fate"
revoke global LINKED
reply "RevokeToken with LINKED after it: $answer"

if [ -n "$domain" ]; then
  # The address of a new domain is not known everywhere at once.
  for _ in $(seq 1 30); do
    curl --silent --max-time 5 --output "$dir/out" "$domain/login" && break
    sleep 2
  done

  question e2 "Sessions after POST /oauth2/revoke"
  sign_in revoked
  ids_of revoked
  did=''
  post /oauth2/revoke "client_id=$client" "token@$dir/revoked.refresh"
  ended=$answer
  fates
  reply "$ended; $fate"

  question g1 "POST /oauth2/revoke with revoke_associated_sessions=LINKED"
  sign_in revoked
  post /oauth2/revoke "client_id=$client" "token@$dir/revoked.refresh" revoke_associated_sessions=LINKED
  reply "$answer"
fi

question f1 "MaxPerUser=1: the first app after a second sign-in"
set_tracking ENABLED 1
[ "$answer" = accepted ] || fail "MaxPerUser cannot be set: $answer"
sign_in first
ids_of first
did=''
sign_in second
fates
reply "$fate"
get_user first
reply "its access token: $answer"
refresh first
reply "its refresh token: $answer"
revoke first
reply "RevokeToken of it: $answer"
set_tracking ENABLED 20

question h1 "GetDerivedToken, and the derived token after GlobalSignOut"
sign_in subject
did=''
call get-derived-token --client-id "$client" --subject-token-type ACCESS_TOKEN --subject-token "file://$dir/subject.access" \
  --requested-token-type ACCESS_TOKEN --query IssuedToken
derived=$answer
[ "$derived" != accepted ] || tr -d '\n' < "$dir/out" > "$dir/derived.access"
reply "$derived (the app client needs ALLOW_TOKEN_EXCHANGE_IMPERSONATION)"
if [ "$derived" = accepted ]; then
  get_user derived
  reply "GetUser with it: $answer"
  call global-sign-out --access-token "file://$dir/subject.access"
  get_user derived
  reply "GetUser with it after GlobalSignOut: $answer"
fi

question k1 "Tracking turned off and on again: a session of before"
sign_in kept
ids_of kept
did=''
set_tracking DISABLED 20
refresh kept
reply "its refresh token while tracking is off: $answer"
set_tracking ENABLED 20
fates
reply "after it is on again: $fate"

# ---- at a browser

# in_browser NAME SCOPE: a person signs in at the pages and pastes the callback URL.
in_browser() {
  local url=''
  echo "    open    $domain/oauth2/authorize?response_type=code&client_id=$client&redirect_uri=$encoded&scope=$2"
  echo "    paste   the whole URL where the browser ends (the page itself may be an error), then Enter:"
  read -r url || fail "no URL was pasted"
  printf %s "$url" | sed -n 's/.*[?&]code=\([^&#]*\).*/\1/p' | tr -d '\n' > "$dir/code"
  [ -s "$dir/code" ] || fail "that URL has no code"
  post /oauth2/token grant_type=authorization_code "client_id=$client" "redirect_uri=$callback" "code@$dir/code"
  [ "$answer" = "HTTP 200" ] || fail "POST /oauth2/token: $answer"
  keep_tokens "$1" "$(member access_token)" "$(member id_token)" "$(member refresh_token)"
}

member() {
  sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$dir/out"
}

# look WHEN: what the next sign-in at the same browser shows.
look() {
  local seen=''
  echo "    open    $domain/oauth2/authorize?response_type=code&client_id=$client&redirect_uri=$encoded&scope=openid"
  echo "    type    form, if the page asks you to sign in; in, if the browser goes on without a question; then Enter:"
  read -r seen || fail "no answer was typed"
  did="a sign-in at the same browser, $1"
  reply "$seen"
}

if [ -n "$browser" ]; then
  encoded=$(printf %s "$callback" | sed -e 's/%/%25/g' -e 's/:/%3A/g' -e 's,/,%2F,g' -e 's/?/%3F/g' -e 's/&/%26/g' -e 's/=/%3D/g')
  full=openid+aws.cognito.signin.user.admin
  printf '\nNow open the URLs in one browser, in a private window. Sign in as %s.\n' "$user"
  [ -z "$new" ] || echo "The password is $(cat "$dir/password")"

  question d6 "ListUserSessions without the scope aws.cognito.signin.user.admin"
  in_browser narrow openid
  did=''
  list narrow
  reply "$answer"

  question b1 "A sign-in at the pages: its sessions"
  in_browser web "$full"
  ids_of web
  case $sso in
    sso*) reply "the token session has an SSO session as its origin" ;;
    *) reply "the token session has the origin $sso" ;;
  esac

  question b2 "RevokeToken with LINKED, for a sign-in at the pages"
  did=''
  revoke web LINKED
  reply "$answer"
  look "at once"
  fates
  reply "$fate"
  sleep "$wait"
  look "$wait s later"

  question e3 "SSO session after GlobalSignOut, and after a later RevokeToken with LINKED"
  in_browser web "$full"
  ids_of web
  did=''
  call global-sign-out --access-token "file://$dir/web.access"
  ended=$answer
  fates
  reply "$ended; $fate"
  revoke web LINKED
  linked=$answer
  fates
  reply "$linked; $fate"
  look "afterwards"

  question g2 "SSO session after POST /oauth2/revoke with revoke_associated_sessions=LINKED"
  in_browser web "$full"
  ids_of web
  did=''
  post /oauth2/revoke "client_id=$client" "token@$dir/web.refresh" revoke_associated_sessions=LINKED
  ended=$answer
  fates
  reply "$ended; $fate"

  question d7 "RevokeUserSession for one's own SSO session"
  in_browser web "$full"
  ids_of web
  did=''
  end web "$sso"
  ended=$answer
  fates
  reply "$ended; $fate"
  look "afterwards"

  question d8 "RevokeUserSession for one's own SSO session, with LINKED"
  in_browser web "$full"
  ids_of web
  did=''
  end web "$sso" LINKED
  ended=$answer
  fates
  reply "$ended; $fate"
  get_user web
  reply "one's own access token: $answer"

  question e4 "Sessions after /logout"
  in_browser web "$full"
  ids_of web
  echo "    open    $domain/logout?client_id=$client&logout_uri=$encoded"
  echo "    press   Enter when the browser has come back:"
  read -r _ || fail "Enter was not pressed"
  did="GET /logout"
  fates
  reply "$fate"
  get_user web
  reply "its access token: $answer"

  question e5 "SSO session after AdminDisableUser"
  in_browser web "$full"
  ids_of web
  did=''
  call admin-disable-user --user-pool-id "$pool" --username "$user"
  ended=$answer
  fates
  reply "$ended; $fate"
else
  question e5 "Sessions after AdminDisableUser"
  sign_in disabled
  ids_of disabled
  did=''
  call admin-disable-user --user-pool-id "$pool" --username "$user"
  ended=$answer
  fates
  reply "$ended; $fate"
  refresh disabled
  reply "its refresh token: $answer"
fi

printf '\nThat was all.'
[ -n "$browser" ] || printf ' The questions for a browser were not asked: --browser.'
echo
