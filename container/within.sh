#!/usr/bin/env bash
# Runs a command within the Debian 13 that `container/build.sh` made, where the folder is /inside and
# the project /source.
#
#   container/within.sh FOLDER COMMAND...
set -euo pipefail
cd "$(dirname "$0")/.."

exec unshare --mount --fork --kill-child bash -euc '
  work=$1 tools=$1/tools; shift
  mkdir -p "$tools/inside" "$tools/source"
  mount --bind "$tools" "$tools"
  for each in proc sys dev; do mount --rbind "/$each" "$tools/$each"; done
  mount --bind "$work" "$tools/inside"
  mount --bind . "$tools/source"
  cp --dereference /etc/resolv.conf "$tools/etc/resolv.conf"
  # The root has to be a mount of its own: layers are unpacked where it was made private again.
  cd "$tools"
  pivot_root . mnt
  umount --lazy /mnt
  cd /source
  exec "$@"
' bash "$(realpath "${1:?expected a folder to work in}")" "${@:2}"
