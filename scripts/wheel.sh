#!/usr/bin/env bash
# Builds the wheel of a commit twice, in two folders, at two times, under two umasks, and compares the bytes: who builds the same commit elsewhere
# gets the same file. `wheel.sh [COMMIT] [FOLDER]`; the wheel and its SHA-256 land in FOLDER (dist/). Signing: docs/releasing.md.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

commit=${1:-HEAD} folder=${2:-dist}
uv=$(find_uv) || { say "uv was not found: run scripts/install.sh"; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The time of the commit stands in the archive, not that of the build.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH

built() { # NAME UMASK
    mkdir -p "$scratch/$1"
    (
        umask "$2"
        git archive "$commit" | tar -x -C "$scratch/$1"
        find "$scratch/$1" -exec touch {} +
    )
    "$uv" build --quiet --wheel --out-dir "$scratch/$1.out" "$scratch/$1"
}
built one 022
built another-place 077

wheel=$(cd "$scratch/one.out" && ls -- *.whl)
if ! cmp "$scratch/one.out/$wheel" "$scratch/another-place.out/$wheel"; then
    say "two builds of $commit differ"
    exit 1
fi
mkdir -p "$folder"
cp "$scratch/one.out/$wheel" "$folder/"
(cd "$folder" && sha256sum "$wheel" | tee "$wheel.sha256")
