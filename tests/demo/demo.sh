#!/usr/bin/env bash
# demo.sh: the main job, end to end, on a private PostgreSQL: from the WORK TOGETHER protocol to a signed
# reminder. Every step says what happened in a coordinator's words and shows the rctctl command that does
# it. Called by `make demo`; DEMO_ONCE=1 ends after the last step, else rctd stays up until Ctrl-C.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=${RCTD_BUILD:-$root/build}
python=${PYTHON:-/usr/bin/python3}
case $bin in /*) ;; *) bin=$root/$bin ;; esac

# A folder that the unprivileged user of the private PostgreSQL can reach; gone when the demo ends.
work=$(mktemp -d "${TMPDIR:-/tmp}/rctd-demo.XXXXXX")
chmod 755 "$work"
rctd_pid= receiver_pid=

stop() {
    status=$?
    trap - EXIT INT TERM
    [ -z "$receiver_pid" ] || kill "$receiver_pid" 2>/dev/null || true
    [ -z "$rctd_pid" ] || kill "$rctd_pid" 2>/dev/null || true
    [ -z "$rctd_pid" ] || wait "$rctd_pid" 2>/dev/null || true
    if [ "$status" -ne 0 ] && [ "$status" -ne 130 ]; then
        printf '\nThe demo stopped with an error. The last lines of rctd'\''s log:\n' >&2
        tail -n 20 "$work/rctd.log" >&2 2>/dev/null || true
    fi
    rm -rf "$work"
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT TERM

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' dim=$'\033[2m' plain=$'\033[0m'; else bold='' dim='' plain=''; fi
step=0
step() { step=$((step + 1)); printf '\n%s%d. %s%s\n' "$bold" "$step" "$1" "$plain"; }
say() { printf '   %s\n' "$*"; }

show() {
    local text='' word
    for word in "$@"; do
        case $word in *[!A-Za-z0-9_./:=,@-]*) text+=" '$word'" ;; *) text+=" $word" ;; esac
    done
    printf '   %s$%s%s\n' "$dim" "$text" "$plain"
}

# as WHO COMMAND...: shows and runs an rctctl command with WHO's token.
as() {
    local who=$1
    shift
    show rctctl "$@"
    RCTD_TOKEN=$(cat "$work/$who.token") "$bin/rctctl" "$@" 2>&1 | sed 's/^/   /'
}

# The same without showing it: for the second workplace and those after it.
likewise() {
    local who=$1
    shift
    RCTD_TOKEN=$(cat "$work/$who.token") "$bin/rctctl" "$@" >"$work/unseen" 2>&1 || { cat "$work/unseen" >&2; return 1; }
}

# refused STATUS WHO COMMAND...: a command that must be refused with this exit status.
refused() {
    local want=$1 got=0
    shift
    as "$@" || got=$?
    if [ "$got" -ne "$want" ]; then
        echo "expected exit status $want, got $got" >&2
        return 1
    fi
}

free_port() {
    "$python" -c 'import socket, sys
s = socket.socket()
try:
    s.bind(("127.0.0.1", int(sys.argv[1])))
except OSError:
    s.close()
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])' "$1"
}

wait_for() {
    for _ in $(seq 150); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        if [ -n "$rctd_pid" ] && ! kill -0 "$rctd_pid" 2>/dev/null; then return 1; fi
        sleep 0.2
    done
    return 1
}

port=$(free_port "${DEMO_PORT:-8470}")
hook_port=$(free_port 8480)
export RCTD_URL=http://127.0.0.1:$port
yesterday=$(date -u -d yesterday +%F)

step 'rctd starts with a private PostgreSQL of its own'
cat >"$work/rctd.conf" <<CONF
listen = 127.0.0.1:$port
master_key_file = $work/master.key
webhook_allow = 127.0.0.0/8
audit_heads_file = $work/audit.heads
CONF
show rctd --new-master-key master.key
"$bin/rctd" --new-master-key "$work/master.key" >/dev/null
show rctd --embedded db --first-administrator ada --token-file ada.token
"$bin/rctd" --config "$work/rctd.conf" --embedded "$work/db" --first-administrator ada \
    --token-file "$work/ada.token" 2>>"$work/rctd.log"
show rctd --embedded db --rehearsal
: >"$work/audit.heads"
chmod 666 "$work/audit.heads"
"$bin/rctd" --config "$work/rctd.conf" --embedded "$work/db" --rehearsal 2>>"$work/rctd.log" &
rctd_pid=$!
wait_for curl -fsS "$RCTD_URL/readyz"
say "rctd listens on $RCTD_URL. It is a rehearsal: its clock may be moved."

step 'The administrator makes accounts, one for each person, and the trial'
as ada trial create work-together --title 'WORK TOGETHER'
account() {
    likewise ada account add "$1" --display "$2" --organisation 'Demo trial unit'
    likewise ada grant add "$1" --role "$3" --trial work-together --reason 'Demo'
    likewise ada token add "$1" --name demo --days 2 --out "$work/$1.token"
}
show rctctl account add carin --display 'Carin Coordinator' --organisation 'Demo trial unit'
show rctctl grant add carin --role coordinator --trial work-together --reason Demo
show rctctl token add carin --name demo --days 2 --out carin.token
account carin 'Carin Coordinator' coordinator
account malin 'Malin Manager' trial-manager
account rolf 'Rolf Researcher' researcher
account asta 'Asta Auditor' auditor
account irma 'Irma Interviewer' interviewer
account ivar 'Ivar Interviewer' interviewer
say 'Likewise malin (trial manager), rolf (researcher, blinded), asta (auditor), irma and ivar (interviewers).'
say 'Nobody can be trial manager and coordinator of one trial:'
refused 4 ada grant add malin --role coordinator --trial work-together --reason 'To save time'

step 'The trial manager checks, submits and locks the protocol'
as malin protocol check "$root/etc/protocols/work-together.yaml"
as malin protocol submit work-together "$root/etc/protocols/work-together.yaml"
as malin protocol lock work-together 1 --reason 'Approved by the steering group'
say 'The commitments are public from now on; the seeds lie sealed, and no arm is stored ahead.'
as malin phase open work-together feasibility --reason 'Ethics approval is here'
likewise malin phase open work-together rct --reason 'Demo'

step 'The coordinator imports workplaces from the file that the county sent'
say 'First a file with a mistake: nothing is imported.'
sed '7s/;4[0-9]*-[0-9]*;/;556016-0681;/' "$here/workplaces.csv" >"$work/with-a-typo.csv"
refused 6 carin workplace import work-together "$work/with-a-typo.csv"
as carin workplace import work-together "$here/workplaces.csv"
as carin workplace list work-together

step 'People who work there come in under codes of their own, and say what they agree to'
as carin participant import work-together "$here/participants.csv"
as carin participant list work-together --workplace W0001
people() { RCTD_TOKEN=$(cat "$work/carin.token") "$bin/rctctl" --csv participant list work-together | grep '^P' | cut -d, -f1; }
people >"$work/people"
invited=$(wc -l <"$work/people")
agrees() {
    "$1" carin participant consent work-together "$2" --form contact --version 1 --scope pass-on-contact=yes \
        --signed "$yesterday" --how paper
    "$1" carin participant consent work-together "$2" --form participation --version 1 --scope participate=yes \
        --scope questionnaires=yes --signed "$yesterday" --how link
    "$1" carin participant consent work-together "$2" --form optional --version 1 --scope interview=yes --scope audio=no \
        --scope sms=yes --scope register-linkage=yes --scope future-contact=no --signed "$yesterday" --how link
}
person=$(RCTD_TOKEN=$(cat "$work/carin.token") "$bin/rctctl" --csv participant list work-together --workplace W0001 | sed -n 2p | cut -d, -f1)
leaver=$(RCTD_TOKEN=$(cat "$work/carin.token") "$bin/rctctl" --csv participant list work-together --workplace W0001 | sed -n 3p | cut -d, -f1)
silent=$(RCTD_TOKEN=$(cat "$work/carin.token") "$bin/rctctl" --csv participant list work-together --workplace W0001 | sed -n 4p | cut -d, -f1)
agrees as "$person"
while read -r code; do
    [ "$code" = "$person" ] || [ "$code" = "$silent" ] || agrees likewise "$code"
done <"$work/people"
say "Likewise the others, but for $silent, who has not answered: nobody sends them anything."

step 'She records eligibility answers, agreements, and locks rosters'
enrol() {
    "$1" carin workplace answer work-together "$2" own-manager=yes contract=yes recent-hpa=no closing=no --by 'The manager'
    "$1" carin workplace agree work-together "$2" --form employer --version 1 --scope participate=yes \
        --scope paid-time=yes --by 'The manager' --signed "$yesterday" --how paper
    "$1" carin workplace lock-roster work-together "$2" --head-count "$3" --yes
}
enrol as W0001 22
head_count=11
for n in 02 03 04 05 06 07 08 09 10 11 12 13; do
    enrol likewise "W00$n" $head_count
    head_count=$((head_count + 1))
done
say 'Likewise W0002 to W0013.'

step 'She allocates: the six feasibility workplaces'
as carin allocate work-together W0001 --scheme feasibility --dry-run
as carin allocate work-together W0001 --scheme feasibility --yes
for n in 2 3 4 5 6; do likewise carin allocate work-together "W000$n" --scheme feasibility --yes; done
say 'Likewise W0002 to W0006.'
say 'A workplace that lacks something is refused in plain words, and so is one of the feasibility study:'
refused 4 carin allocate work-together W0014 --scheme rct --yes
refused 4 carin allocate work-together W0001 --scheme rct --yes

step 'She allocates the first workplaces of the randomised trial'
as carin allocate work-together W0007 --scheme rct --yes
for n in 08 09 10 11 12 13; do likewise carin allocate work-together "W00$n" --scheme rct --yes; done
say 'Likewise W0008 to W0013. The ledger, as the coordinator sees it, with receipts:'
as carin ledger list work-together

step 'The blinded researcher sees the same list without arms'
as rolf ledger list work-together
say 'And recruitment against plan:'
as rolf recruitment work-together

step "Tasks of workplaces and of their people are planned, in the trial's civil time"
as carin task list work-together --workplace W0001
as carin task list work-together --participant "$person"
say 'The blinded researcher has the same list, but for tasks that would tell the arm.'

step 'Reminders go to a receiver, signed'
as malin endpoint add work-together "http://127.0.0.1:$hook_port/hook" --description 'Demo receiver' \
    --out "$work/hook.secret"
"$python" "$here/receiver.py" --port "$hook_port" --secret-file "$work/hook.secret" >"$work/received" 2>&1 &
receiver_pid=$!
wait_for "$python" -c "import socket; socket.create_connection(('127.0.0.1', $hook_port)).close()"
reminders() { RCTD_TOKEN=$(cat "$work/carin.token") "$bin/rctctl" --csv reminder list work-together --state "$1" >"$work/$1"; }
reminders scheduled
task=$(sed -n 2p "$work/scheduled" | cut -d, -f3)
due=$(grep "^,P[0-9A-Z]*,$task," "$work/scheduled" | tail -n 1 | cut -d, -f6)
say "The first reminders are due at $due: when working hours begin on the first"
say 'working day of the window. Before that, one participant does not want to take part any more:'
as carin participant withdraw work-together "$leaver" --how phone --yes
as carin task list work-together --participant "$leaver" --state planned
say 'In a rehearsal, days can pass:'
as ada rehearsal advance $((($(date -ud "$due" +%s) - $(date +%s)) / 86400 + 1))
all_sent() { reminders sent && [ "$(grep -c '^,P' "$work/sent")" -eq $((invited - 2)) ]; }
wait_for all_sent
say 'The receiver verified and read:'
sort "$work/received" | grep ' remind P' | head -n 4 | sed 's/^/   /'
say "Likewise the others; nothing for $leaver, who has withdrawn, and $silent, who never agreed."
as carin reminder list work-together --state sent

step 'Interviewers share the interviews, and know neither name nor arm'
as ada rehearsal advance 85
as irma task mine work-together
first=$(RCTD_TOKEN=$(cat "$work/irma.token") "$bin/rctctl" --csv task mine work-together --show free |
    grep "^P" | grep ',interview-employee,' | sed -n 1p)
task=$(printf '%s' "$first" | tr ',' '\n' | grep -E '^[0-9a-f]{8}-[0-9a-f-]{27}$')
as irma task claim work-together "$task"
say 'Two interviewers never call one person:'
refused 4 ivar task claim work-together "$task"
say 'Nobody is booked outside the working hours of the protocol, unless they want it so:'
sunday=$(date -ud "$due + $((97 - $(date -ud "$due + 90 days" +%u))) days" +%FT13:00:00Z)
refused 4 irma task book work-together "$task" --at "$sunday"
as irma task book work-together "$task" --at "$sunday" --outside-hours
as irma task outcome work-together "$task" no-answer
say 'The person was met, and Irma says what she thinks the arm is, which no blinded role is shown:'
as irma task outcome work-together "$task" done --guess unknown --revealed no
as asta task contacts work-together "$task"

step "The auditor verifies the trail"
as asta audit verify work-together

if [ -n "${DEMO_ONCE:-}" ]; then
    printf '\nThe demo is done: every step passed.\n'
    exit 0
fi
cat <<END

rctd stays up at $RCTD_URL (description: $RCTD_URL/openapi.json). In another terminal:
   export RCTD_URL=$RCTD_URL
   export RCTD_TOKEN=\$(cat $work/carin.token)
   $bin/rctctl workplace list work-together
Tokens: ada (administrator), malin (trial manager), carin (coordinator), rolf (researcher), asta (auditor),
irma and ivar (interviewers) lie in $work. Ctrl-C stops everything and removes that folder.
END
wait "$rctd_pid"
