#!/usr/bin/env bash
# Lints and renders the Helm chart and checks what comes out (chart_test.py).
# Takes helm from $HELM, the PATH or a cache folder of this user; when there is
# none but Go, installs it into that folder. Exits with 77 when it cannot be had.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
version=v3.14.4
cache="${XDG_CACHE_HOME:-$HOME/.cache}/enrich-gateway/bin"

helm="${HELM:-$(command -v helm || true)}"
if [[ -z "$helm" ]]; then
  helm="$cache/helm"
  if [[ ! -x "$helm" ]]; then
    command -v go >/dev/null || { echo "skipped: neither helm nor go" >&2; exit 77; }
    echo "installing helm $version into $cache; takes some minutes" >&2
    GOBIN="$cache" go install "helm.sh/helm/v3/cmd/helm@$version" \
      || { echo "skipped: helm cannot be installed" >&2; exit 77; }
  fi
fi
HELM="$helm" exec python3 "$here/chart_test.py" "$@"
