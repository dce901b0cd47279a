# Shared by the measurements of this folder; sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

# A small scale is for a quick look.
scale=${SCALE:-1}
if awk -v s="$scale" 'BEGIN { exit !(s < 0.5) }'; then
    reps=${REPS:-2} cell_seconds=${DURATION:-1}
else
    reps=${REPS:-3} cell_seconds=${DURATION:-3}
fi
readonly scale reps cell_seconds
read -ra alternatives <<<"${ALTERNATIVES:-plain upsert delta salesperf}"
dir=
in_memory=

# scaled N: N at scale 1, in whole numbers.
scaled() { awk -v n="$1" -v s="$scale" 'BEGIN { printf "%.0f", n * s }'; }

clean_up() {
    trap - EXIT
    [ -z "$dir" ] || cluster_remove "$dir"
}

# In memory, if there is room: then a flush costs what commit_delay says.
make_directory() {
    local free
    free=$(df --output=avail --block-size=1M /dev/shm 2>/dev/null | tail -1)
    if [ "${free:-0}" -gt "$((3000 + $(scaled 6000)))" ] && as_server test -w /dev/shm; then
        in_memory=yes
        dir=$(TMPDIR=/dev/shm cluster_dir)
    else
        dir=$(cluster_dir)
    fi
}

start_server() {
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    make_directory
    as_server mkdir "$dir/bench"
    cp "$root"/bench/*.{sql,pgb,tsv} "$dir/bench/"
    chmod a+r "$dir"/bench/*
    # fsync is on, since commit_delay only works then.
    cluster_init "$dir" shared_buffers=1GB work_mem=64MB maintenance_work_mem=256MB jit=off max_connections=60 \
        max_wal_size=4GB checkpoint_timeout=1h full_page_writes=off autovacuum_naptime=10s
    cluster_start "$dir"
}

# Usage: sql DATABASE [psql's arguments]...
sql() {
    cluster_run "$dir" psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$@"
}

# Usage: timed DATABASE STATEMENT [STATEMENT BEFORE]
# Prints milliseconds and bytes of WAL, commit included.
timed() {
    sql "$1" <<SQL
${3:+$3 \\g /dev/null}
SELECT clock_timestamp() AS started, pg_current_wal_insert_lsn() AS lsn \gset
$2 \g /dev/null
SELECT round(extract(epoch FROM clock_timestamp() - :'started') * 1000, 1) || ' ' || pg_current_wal_insert_lsn() - :'lsn'::pg_lsn;
SQL
}

# Milliseconds of CPU that the server's processes have used so far, those that
# ended included.
server_cpu() {
    local postmaster
    postmaster=$(head -1 "$dir/data/postmaster.pid")
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v p="$postmaster" -v hz="$(getconf CLK_TCK)" '
        { pid = $1; sub(/.*\) /, "") }
        pid == p || $2 == p { ticks += $12 + $13; if (pid == p) ticks += $14 + $15 }
        END { printf "%.0f", ticks * 1000 / hz }'
}

# The alternatives, in an order that changes with each repetition.
in_turn() {
    local i
    for ((i = 0; i < ${#alternatives[@]}; i++)); do
        if [ $(($1 % 2)) -eq 1 ]; then
            echo "${alternatives[i]}"
        else
            echo "${alternatives[-1 - i]}"
        fi
    done
}

fold() {
    case $1 in
        delta) sql "$1" -c 'CALL fold()' -c 'VACUUM target_delta' ;;
        salesperf*) sql "$1" -c 'CALL salesperf.fold()' ;;
    esac
}

# Folds every second until the file "folding" is gone.
keep_folding() {
    local tenth
    while [ -e "$dir/folding" ]; do
        fold "$1" || true
        for ((tenth = 0; tenth < 10; tenth++)); do
            [ ! -e "$dir/folding" ] || sleep 0.1
        done
    done
}

# Usage: median FILE COLUMN WHAT WHO: of the rows that begin with WHAT and WHO.
# With BASE, of their ratios to BASE's row of the same repetition, which is
# column 3.
median() {
    local file=$1 column=$2
    shift 2
    awk -F'\t' -v c="$column" -v k1="${1:-}" -v k2="${2:-}" -v base="${BASE:-}" '
        $1 != k1 { next }
        base != "" && $2 == base { b[$3] = $c }
        $2 == k2 { v[$3] = $c }
        END { for (r in v) if (base == "") print v[r]; else if (b[r] > 0) print v[r] / b[r] }' "$file" |
        sort -g | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

ratio() { BASE=${BASE:-plain} median "$@" | awk '{ printf "%.2f", $1 }'; }
