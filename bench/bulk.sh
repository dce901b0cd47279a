# Statements over many lines by alternative.  Sourced by run.sh.
# shellcheck shell=bash disable=SC2154

readonly bulk_order=10000000

# The orders of a repetition, and a file with their 100,000 lines.
enter_orders() {
    local name first=$((bulk_order * $1))
    sql plain -c "COPY (SELECT $first + n, 1 + floor(10000 * random())::int, 1001 + floor(500 * random())::int, date '2026-10-01' + n % 92
        FROM generate_series(1, 25000) n) TO '$dir/orders'" \
        -c "COPY (SELECT $first + (n + 3) / 4, 1 + (n + 3) % 4, 1 + floor(2000 * random())::int, 3, round(net * 1.1, 2), net, round(net * 0.7, 2)
        FROM (SELECT n, round((5 + 3000 * random())::numeric, 2) AS net FROM generate_series(1, 100000) n) x) TO '$dir/lines'"
    for name in "${alternatives[@]}"; do
        sql "$name" -c "COPY sale_order (id, customer, seller, sold_on) FROM '$dir/orders'"
    done
}

bulk_statement() {
    local what=$1 name=$2 rep=$3
    printf '%s\t%s\t%s\t%s\n' "$what" "$name" "$rep" "$(timed "$name" "$4" | tr ' ' '\t')" >>"$dir/bulk.out"
    fold "$name"
}

table_bulk() {
    need_databases
    local rep name from what copy='COPY of 100,000 lines' update='UPDATE of 1,000 lines' delete='DELETE of 1,000 lines'
    for ((rep = 1; rep <= reps; rep++)); do
        say "bulk: repetition $rep of $reps" >&2
        enter_orders "$rep"
        from=$((bulk_order * rep))
        for name in $(in_turn "$rep"); do
            bulk_statement "$copy" "$name" "$rep" "COPY sale_order_line FROM '$dir/lines'"
        done
        for name in $(in_turn "$rep"); do
            bulk_statement "$update" "$name" "$rep" "UPDATE sale_order_line SET quantity = quantity + 1, gross = gross + 11, net = net + 10, cost = cost + 7
                WHERE order_id BETWEEN $from + 1001 AND $from + 1250"
            bulk_statement "$delete" "$name" "$rep" "DELETE FROM sale_order_line WHERE order_id BETWEEN $from + 2001 AND $from + 2250"
        done
    done
    printf '\n## Many lines in a statement\n\n| statement | alternative | ms | ratio | WAL, MB | ratio |\n|---|---|--:|--:|--:|--:|\n'
    for what in "$copy" "$update" "$delete"; do
        for name in "${alternatives[@]}"; do
            printf '| %s | %s | %.1f | %s | %.2f | %s |\n' "$what" "$name" "$(median "$dir/bulk.out" 4 "$what" "$name")" \
                "$(ratio "$dir/bulk.out" 4 "$what" "$name")" "$(median "$dir/bulk.out" 5 "$what" "$name" | awk '{ print $1 / 1e6 }')" \
                "$(ratio "$dir/bulk.out" 5 "$what" "$name")"
        done
    done
}
