#!/usr/bin/env bash
# Installs the Debian packages the project is built with; with --test also those
# the test suite needs, with --bench those of the benchmarks too, and with
# --peers the other servers they can compare with. Does nothing, quickly, when
# all are there.
set -euo pipefail

packages=(
  ca-certificates ccache cmake g++ git libabsl-dev libboost-dev libcli11-dev
  libcsv-dev libcurl4-openssl-dev libgrpc++-dev libidn2-dev libjemalloc-dev
  libphonenumber-dev libprotobuf-dev libpsl-dev libspdlog-dev libsqlite3-dev
  libssl-dev libyaml-cpp-dev mold ninja-build pkg-config prometheus-cpp-dev
  protobuf-compiler protobuf-compiler-grpc publicsuffix rapidjson-dev
)
for_what="${1:-}"
if [[ "$for_what" =~ ^--(test|bench|peers)$ ]]; then
  packages+=(
    clang-14 clang-format-14 clang-tidy-14 gcovr libbenchmark-dev
    libclang-rt-14-dev libgmock-dev libgtest-dev openssl python3 python3-yaml
    shellcheck sqlite3 strace
  )
  # Buf, which lints the protos, and JMESPath's suite come from npm. It may be
  # there without its Debian package, and then conflicts with it.
  command -v npm >/dev/null || packages+=(npm)
fi
if [[ "$for_what" =~ ^--(bench|peers)$ ]]; then
  packages+=(libnginx-mod-http-echo nginx)
fi
if [[ "$for_what" == "--peers" ]]; then
  packages+=(etcd-server nats-server postgresql-15 redis-server)
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' \
    || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

sudo=()
if [[ $EUID -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "run as root, or install sudo" >&2; exit 1; }
  sudo=(sudo)
fi
echo "installing ${#missing[@]} Debian packages: ${missing[*]}" >&2
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
