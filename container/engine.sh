#!/usr/bin/env bash
# Runs a command beside a Docker engine that has the image `metersim`, both in a network of their own.
#
#   container/engine.sh FOLDER COMMAND...
#
# FOLDER is what `container/build.sh` left. DOCKER_HOST leads the command to the engine; the machine
# keeps nothing of it but what stands in the folder.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(realpath "${1:?expected the folder that container/build.sh worked in}")
shift
within=(container/within.sh "$work")

[[ -x $work/tools/usr/sbin/dockerd ]] || {
  "${within[@]}" apt-get update --quiet=2
  "${within[@]}" apt-get install --quiet=2 --yes --no-install-recommends \
    docker.io docker-cli docker-compose iptables iproute2
} >"$work/engine.tools.log" 2>&1
rm -rf "$work"/{image.tar,engine,engine.pid,engine.run,engine.sock}
"${within[@]}" buildah --root /inside/storage --runroot /inside/run --storage-driver vfs \
  push --quiet metersim docker-archive:/inside/image.tar:metersim:latest

# What it starts ends with it, as its first process does.
export DOCKER_HOST="unix://$work/engine.sock"
exec unshare --net --pid --mount-proc --fork --kill-child bash -euc '
  work=$1; shift
  within() { container/within.sh "$work" "$@"; }
  within ip link set lo up
  within dockerd --host unix:///inside/engine.sock --pidfile /inside/engine.pid \
    --data-root /inside/engine --exec-root /inside/engine.run >"$work/engine.log" 2>&1 &
  engine=$!
  docker() { DOCKER_HOST=unix:///inside/engine.sock within docker "$@"; }
  until docker version >/dev/null 2>&1; do
    kill -0 "$engine" 2>/dev/null || { tail -5 "$work/engine.log"; exit 1; } >&2
    sleep 0.2
  done
  docker load --quiet --input /inside/image.tar
  "$@"
' bash "$work" "$@"
