# Orders and receipts by alternative: how many in a second, and the CPU and WAL
# of one.  Sourced by run.sh.
# shellcheck shell=bash disable=SC2154

# Usage: cell WORKLOAD ALTERNATIVE REPETITION SCRIPT CLIENTS [FLUSH in us] [other options of the sessions]
# Appends workload, alternative, repetition, transactions/s, CPU ms and WAL
# bytes of one, failures in percent, deadlocks.  The first second, in which
# sessions connect and read what they keep, is left out.
cell() {
    local workload=$1 name=$2 rep=$3 script=$4 clients=$5 flush=${6:-0} options=${7:-} cpu lsn folding running started
    [ -z "$in_memory" ] || options+=" -c commit_delay=$flush -c commit_siblings=0"
    [ -n "$in_memory" ] || [ "$flush" -gt 0 ] || options+=" -c synchronous_commit=off"
    fold "$name"
    cluster_run "$dir" env PGOPTIONS="$options" pgbench -n -M prepared --failures-detailed -P 1 -f "$dir/bench/$script" \
        -c "$clients" -j "$((clients > 1 ? 2 : 1))" -T "$((cell_seconds + 1))" "$name" >"$dir/pgbench.out" 2>"$dir/pgbench.err" &
    running=$!
    started=$(($(date +%s%N) / 1000))
    # What the first second leaves is folded in it.
    sleep 0.8
    fold "$name"
    sleep "$(awk -v us="$(($(date +%s%N) / 1000 - started))" 'BEGIN { print us < 1000000 ? 1 - us / 1000000 : 0 }')"
    touch "$dir/folding"
    keep_folding "$name" &
    folding=$!
    cpu=$(server_cpu) lsn=$(sql postgres -c 'SELECT pg_current_wal_insert_lsn()')
    wait "$running" || { cat "$dir/pgbench.err" >&2; die "$workload failed with $name"; }
    rm -f "$dir/folding"
    wait "$folding"
    fold "$name"
    add_cell "$workload" "$name" "$rep" "$(($(server_cpu) - cpu))" "$(sql postgres -c "SELECT pg_current_wal_insert_lsn() - '$lsn'::pg_lsn")"
}

# Usage: add_cell WORKLOAD ALTERNATIVE REPETITION CPU WAL
add_cell() {
    awk -v OFS='\t' -v w="$1" -v a="$2" -v r="$3" -v cpu="$4" -v wal="$5" '
        /^progress: / && !warm { warm = $2; early = $2 * $4 }
        /actually processed/ { n = $NF + 0 }
        /^number of failed/ { failed = $5 + 0 }
        /deadlock failures/ { deadlocks = $5 + 0 }
        /^tps/ { seconds = n / $3 - warm }
        END {
            all = n; n -= early; if (n < 1) n = 1
            print w, a, r, n / seconds, cpu / n, wal / n, 100 * failed / (all + failed), deadlocks + 0
        }' "$dir/pgbench.err" "$dir/pgbench.out" >>"$dir/cells.out"
}

# Usage: cells WORKLOAD SCRIPT CLIENTS [FLUSH] [OPTIONS]: all alternatives in
# turn, again and again.
cells() {
    local rep name
    for ((rep = 1; rep <= reps; rep++)); do
        for name in $(in_turn "$rep"); do
            say "$1, $name, repetition $rep of $reps" >&2
            cell "$1" "$name" "$rep" "${@:2}"
        done
    done
}

write_rows() {
    local name
    for name in "${alternatives[@]}"; do
        awk -v w="$1" -v a="$name" -v tps="$(median "$dir/cells.out" 4 "$1" "$name")" -v rt="$(ratio "$dir/cells.out" 4 "$1" "$name")" \
            -v cpu="$(median "$dir/cells.out" 5 "$1" "$name")" -v rc="$(ratio "$dir/cells.out" 5 "$1" "$name")" \
            -v wal="$(median "$dir/cells.out" 6 "$1" "$name")" -v rw="$(ratio "$dir/cells.out" 6 "$1" "$name")" 'BEGIN {
            printf "| %s | %s | %.0f | %s | %.3f | %s | %.0f | %s |\n", w, a, tps, rt, cpu, rc, wal, rw }'
    done
}

table_writes() {
    need_databases
    local one='order, 1 client' many='order, 32 clients, 0.5 ms flush' four='order by four INSERTs, 1 client' row='receipt, 1 client'
    cells "$many" order.pgb 32 500
    cells "$one" order.pgb 1
    cells "$four" order_by_line.pgb 1
    cells "$row" receipt.pgb 1
    printf '\n## Writes\n\n| workload | alternative | orders/s | ratio | CPU, ms/order | ratio | WAL, bytes/order | ratio |\n|---|---|--:|--:|--:|--:|--:|--:|\n'
    write_rows "$many"
    write_rows "$one"
    write_rows "$four"
    write_rows "$row"
}

table_conflicts() {
    need_databases
    local total='line, then header'"'"'s total, 8 clients, 8 orders' new='new orders, SERIALIZABLE, 8 clients' workload name
    cells "$total" line_total.pgb 8
    cells "$new" order.pgb 8 0 '-c default_transaction_isolation=serializable'
    printf '\n## Conflicts\n\n| workload | alternative | transactions/s | ratio | failed, %% | deadlocks |\n|---|---|--:|--:|--:|--:|\n'
    for workload in "$total" "$new"; do
        for name in "${alternatives[@]}"; do
            printf '| %s | %s | %.0f | %s | %.2f | %s |\n' "$workload" "$name" "$(median "$dir/cells.out" 4 "$workload" "$name")" \
                "$(ratio "$dir/cells.out" 4 "$workload" "$name")" "$(median "$dir/cells.out" 7 "$workload" "$name")" \
                "$(awk -F'\t' -v w="$workload" -v a="$name" '$1 == w && $2 == a { d += $8 } END { print d + 0 }' "$dir/cells.out")"
        done
    done
}
