#!/usr/bin/env bash
# Builds the Dockerfile as it stands where no container engine is: with buildah, as root, on a base
# that debootstrap makes and that goes by the base image's name.
#
#   container/build.sh FOLDER [more of buildah's options]
#
# leaves the image `metersim` in FOLDER/storage, its settings in FOLDER/image.json and its files in the
# folder that FOLDER/files names. What pip is told on this machine the build is told as well, as
# secrets; nothing of it stands in the image.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(realpath -m "${1:?expected a folder to work in}")
shift
base=$(sed -n 's/^ARG BASE=//p' Dockerfile)
suite=${base#*:}

debian() { # FOLDER SUITE
  [[ ! -d $work/$1 ]] || return 0
  rm -rf "$work/$1.new"
  debootstrap --variant=minbase "$2" "$work/$1.new" >"$work/$1.log"
  mv "$work/$1.new" "$work/$1"
}

within() {
  container/within.sh "$work" "$@"
}

buildah() {
  within buildah --root /inside/storage --runroot /inside/run --storage-driver vfs "$@"
}

mkdir -p "$work"
command -v debootstrap >/dev/null || {
  apt-get update --quiet=2
  apt-get install --quiet=2 --yes --no-install-recommends debootstrap
}
# Wherever this runs: an older buildah knows no `--start-interval`.
debian tools trixie
[[ -x $work/tools/usr/bin/buildah ]] || {
  within apt-get update --quiet=2
  within apt-get install --quiet=2 --yes --no-install-recommends buildah netavark
} >"$work/tools.log" 2>&1
if ! buildah inspect --type image "docker.io/library/$base" >/dev/null 2>&1; then
  debian base "${suite%-slim}"
  # As the slim image comes: without the packages that it was made of, and without manuals.
  rm -rf "$work"/base/var/{cache/apt,lib/apt/lists,log}/* "$work"/base/usr/share/{doc,man,locale,info}/*
  container=$(buildah from scratch)
  buildah add --quiet "$container" /inside/base / >/dev/null
  buildah config --cmd bash "$container"
  buildah commit --quiet --rm "$container" "docker.io/library/$base" >/dev/null
fi

# Of pip's settings those that lead to packages; the certificates go in by another name.
python3 -m pip config list | awk -F= '
  { key = $1; sub(/^[^.]*\./, "", key); sub(/^default-/, "", key)
    value = substr($0, length($1) + 2); gsub(/^\047|\047$/, "", value) }
  key == "cert" { told[key] = "/run/secrets/certificates"; system("cp " value " " work "/certificates") }
  key ~ /^(index-url|extra-index-url|trusted-host|timeout)$/ && value !~ /^file:/ { told[key] = value }
  END { print "[global]"; for (key in told) print key " = " told[key] }
' work="$work" >"$work/pip.conf"
secrets=(--secret id=pip,src=/inside/pip.conf)
[[ ! -e $work/certificates ]] || secrets+=(--secret id=certificates,src=/inside/certificates)

# Its own idea of these limits is higher than a confined machine allows.
limits=(--ulimit "nofile=$(ulimit -Sn):$(ulimit -Hn)" --ulimit "nproc=$(ulimit -Su):$(ulimit -Hu)")
limits=("${limits[@]//unlimited/-1}")
buildah build --isolation chroot --format docker --pull=never "${limits[@]}" \
  "${secrets[@]}" --tag metersim "$@" .
buildah inspect --type image metersim >"$work/image.json"
container=$(buildah from --pull=never metersim)
files=$(buildah mount "$container")
echo "$work${files#/inside}" >"$work/files"
