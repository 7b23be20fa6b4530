#!/usr/bin/env bash
# An engine, a registry and base images for the tests that build, on a Debian machine where one may be root.
#
#   .ci/docker.sh          makes what is missing; prints what tests need as NAME=VALUE
#   .ci/docker.sh --check  prints the same if all of it is there, and fails if not
#
# Nothing that is there is touched: an engine that answers is used, an image of a name that is wanted is kept. The
# images are small: Debian's own files under the names that tests ask for. They are no evidence of the real ones.
set -euo pipefail

socket=/var/run/docker.sock
registry=127.0.0.1:5000
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dlint-docker
suite=bookworm

say() { printf 'docker.sh: %s\n' "$*" >&2; }
# The classic builder: a client may lack the plugin that BuildKit wants.
engine() { DOCKER_BUILDKIT=0 docker -H "unix://$socket" "$@"; }
answers() { engine version >/dev/null 2>&1; }
registry_answers() { curl -fsS -m 3 -o /dev/null "http://$registry/v2/" 2>/dev/null; }
has_image() { engine image inspect "$1" >/dev/null 2>&1; }
wait_for() { for _ in $(seq 120); do "$1" && return 0; sleep 0.5; done; return 1; }

results() {
  echo "DOCKER_HOST=unix://$socket"
  echo "DLINT_TEST_REGISTRY=$registry"
}

images=(debian:bookworm-slim python:3.11-slim "$registry/library/python:3.11-slim")

if [ "${1-}" = --check ]; then
  answers && registry_answers && for image in "${images[@]}"; do has_image "$image"; done && results
  exit
fi

missing=()
command -v docker >/dev/null && command -v dockerd >/dev/null || answers || missing+=(docker.io)
command -v iptables >/dev/null || missing+=(iptables)
command -v docker-registry >/dev/null || registry_answers || missing+=(docker-registry)
has_image debian:bookworm-slim || command -v debootstrap >/dev/null || missing+=(debootstrap)
if [ ${#missing[@]} -gt 0 ]; then
  say "installs ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # The packages must not start services: those of this script are to be known by their options.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
mkdir -p "$cache"

if ! answers; then
  # A bare machine has the control groups of version 1 without mounting them.
  if [ "$(stat -fc %T /sys/fs/cgroup 2>/dev/null)" != cgroup2fs ] && ! mountpoint -q /sys/fs/cgroup/devices; then
    mountpoint -q /sys/fs/cgroup || mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups | while read -r group; do
      mkdir -p "/sys/fs/cgroup/$group"
      mountpoint -q "/sys/fs/cgroup/$group" || mount -t cgroup -o "$group" cgroup "/sys/fs/cgroup/$group" || true
    done
  fi
  say "starts the engine"
  setsid nohup dockerd -H "unix://$socket" >"$cache/dockerd.log" 2>&1 </dev/null &
  wait_for answers || { tail -20 "$cache/dockerd.log" >&2; say "the engine does not start"; exit 1; }
fi

if ! registry_answers; then
  say "starts the registry"
  cat >"$cache/registry.yml" <<YAML
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $cache/registry}}
http: {addr: "$registry"}
YAML
  setsid nohup docker-registry serve "$cache/registry.yml" >"$cache/registry.log" 2>&1 </dev/null &
  wait_for registry_answers || { tail -5 "$cache/registry.log" >&2; say "the registry does not start"; exit 1; }
fi

if ! has_image debian:bookworm-slim; then
  say "makes debian:bookworm-slim"
  work=$(mktemp -d)
  # The mirror that this machine uses; debootstrap's own where it uses none.
  mirror=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -m1 '/debian$' || true)
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$work/root" ${mirror:+"$mirror"} >"$work/log" 2>&1 ||
    { tail -5 "$work/log" >&2; say "debootstrap fails"; exit 1; }
  # A network that looks into TLS has authorities of its own, which this machine knows and an image would not.
  mkdir -p "$work/root/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$work/root/usr/local/share/ca-certificates/" 2>/dev/null || true
  chroot "$work/root" update-ca-certificates >/dev/null 2>&1 || true
  printf 'force-unsafe-io\n' >"$work/root/etc/dpkg/dpkg.cfg.d/speed"
  rm -rf "$work/root"/var/cache/apt/archives/*.deb "$work/root"/var/lib/apt/lists/*
  bundle=/etc/ssl/certs/ca-certificates.crt
  tar -C "$work/root" --numeric-owner -c . | engine import \
    -c "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    -c "ENV SSL_CERT_FILE=$bundle" -c "ENV PIP_CERT=$bundle" -c "ENV REQUESTS_CA_BUNDLE=$bundle" \
    -c 'CMD ["bash"]' - debian:bookworm-slim >/dev/null
  rm -rf "$work"
fi

if ! has_image python:3.11-slim; then
  say "makes python:3.11-slim"
  # Like the real one it has python and pip, lets pip install, and has no compiler.
  engine build -q -t python:3.11-slim - >/dev/null <<'DOCKERFILE'
FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-pip python3-venv >/dev/null \
 && rm -rf /var/lib/apt/lists/* /usr/lib/python3*/EXTERNALLY-MANAGED && ln -sf python3 /usr/bin/python
ENV PYTHON_VERSION=3.11 LANG=C.UTF-8 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
CMD ["python3"]
DOCKERFILE
fi

if ! curl -fsS -m 3 -o /dev/null "http://$registry/v2/library/python/manifests/3.11-slim" 2>/dev/null; then
  engine tag python:3.11-slim "$registry/library/python:3.11-slim"
  engine push -q "$registry/library/python:3.11-slim" >/dev/null
fi

results
