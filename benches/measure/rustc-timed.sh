#!/bin/sh
# A RUSTC_WRAPPER: appends the crate's name, CPU seconds (user and system) and peak memory (KB) of each compilation to $RUSTC_TIMES.
crate=-
previous=
for argument in "$@"; do
  if [ "$previous" = --crate-name ]; then crate=$argument; fi
  previous=$argument
done
exec /usr/bin/time -q -a -o "$RUSTC_TIMES" -f "$crate %U %S %M" "$@"
