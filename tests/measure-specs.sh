#!/bin/sh
# Generates a crate from every OpenAPI document in a folder, checks each with cargo, and prints a table.
#
#   tests/measure-specs.sh DIR [WORK]
#
# DIR holds the documents (*.yaml, *.json), which are not part of this project; WORK (default: a folder under /tmp) takes the crates and their
# shared target folder. Documents called openai-* are generated with this project's overlay, which may not match all of it; the others with none.
# The exit code is 1 if a document does not generate or its crate does not compile.
set -u
documents=${1:?usage: tests/measure-specs.sh DIR [WORK]}
root=$(cd "$(dirname "$0")/.." && pwd)
work=${2:-${TMPDIR:-/tmp}/openai-measure-specs}
mkdir -p "$work/empty-overlay"
cargo build --quiet --offline --manifest-path "$root/Cargo.toml" -p openai-generator || exit 2
generator=${CARGO_TARGET_DIR:-$root/target}/debug/generator
failed=0

printf '%-26s %6s %8s %6s %5s %6s %8s %7s  %s\n' document ops schemas types json files generate check result
for spec in "$documents"/*.yaml "$documents"/*.json; do
    [ -e "$spec" ] || continue
    file=$(basename "$spec")
    name=${file%.*}
    out=$work/$name
    rm -rf "$out"
    mkdir -p "$out"
    case $name in
        openai-*) overlay=$root/spec/overlay; lenient=--lenient-overlay ;;
        *) overlay=$work/empty-overlay; lenient= ;;
    esac
    start=$(date +%s.%N)
    # shellcheck disable=SC2086
    "$generator" --spec "$spec" --overlay "$overlay" --out "$out" --runtime "$root/runtime" $lenient >"$work/$name.generate" 2>&1
    code=$?
    generated=$(date +%s.%N)
    if [ "$code" -ne 0 ]; then
        failed=1
        result="does not generate, see $work/$name.generate"
        checked=$generated
    else
        # The hand-written module fits the newest snapshot alone; the crate of an older one is checked without it.
        case $name in
            openai-2026-08-21) cp -r "$root/generated/src/ext.rs" "$root/generated/src/ext" "$out/src/" ;;
            openai-*) echo '//! Nothing is written by hand for this snapshot.' >"$out/src/ext.rs" ;;
        esac
        cp "$root/Cargo.lock" "$out/Cargo.lock"
        if CARGO_TARGET_DIR=$work/target cargo check --quiet --offline --manifest-path "$out/Cargo.toml" >"$work/$name.check" 2>&1; then
            warnings=$(grep -c '^warning' "$work/$name.check")
            result="compiles, $warnings warnings"
        else
            failed=1
            result="does not compile, see $work/$name.check"
        fi
        checked=$(date +%s.%N)
    fi
    summary=$(grep -E '^[0-9]+ operations; ' "$work/$name.generate" | head -1)
    operations=$(echo "$summary" | sed -n 's/^\([0-9]*\) operations.*/\1/p')
    schemas=$(echo "$summary" | sed -n 's/.*; \([0-9]*\) schemas:.*/\1/p')
    types=$(echo "$summary" | sed -n 's/.*; \([0-9]*\) types;.*/\1/p')
    json=$(echo "$summary" | sed -n 's/.*; \([0-9]*\) places stay raw.*/\1/p')
    files=$(sed -n 's/^\([0-9]*\) files: .*/\1/p' "$work/$name.generate" | head -1)
    printf '%-26s %6s %8s %6s %5s %6s %7.1fs %6.1fs  %s\n' "$name" "${operations:--}" "${schemas:--}" "${types:--}" "${json:--}" "${files:--}" \
        "$(echo "$generated - $start" | bc)" "$(echo "$checked - $generated" | bc)" "$result"
done
exit $failed
